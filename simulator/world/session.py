"""A chat session: what can happen in it, each once into the world's memory and once into the log."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from emitter import (
    AiInterrupt,
    AiRoute,
    AiTokenUsage,
    AiToolCall,
    ApiCozeCall,
    ApiError,
    Event,
    QueryOrder,
    QueryTracking,
    SessionEnd,
    SessionEscalate,
    SessionFeedback,
    SessionIntent,
    SessionMessage,
    SessionRating,
    SessionStart,
)

from .customer import Customer
from .happenings import (
    Call,
    Ending,
    Escalation,
    Feedback,
    Happening,
    Intent,
    Interrupt,
    Opening,
    Query,
    Rating,
    Routing,
    TokenUse,
    Turn,
)
from .trace import Trace
from .words import Words

if TYPE_CHECKING:
    from .world import World

Severity = Literal["low", "medium", "high", "critical"]
ResolvedBy = Literal["ai", "human", "none"]
EndReason = Literal["completed", "timeout", "user_left", "error"]


class Session:
    """One session. ``history`` holds what happened, in the order of the world's time.

    is_test: nobody's real question; is_outdated: served by an old deployment that writes the names of older emitters.
    """

    def __init__(
        self,
        world: "World",
        session_id: str,
        customer: Customer,
        channel: str,
        *,
        is_test: bool = False,
        is_outdated: bool = False,
    ) -> None:
        self.session_id = session_id
        self.customer = customer
        self.channel = channel
        self.is_test = is_test
        self.is_outdated = is_outdated
        self.history: list[Happening] = []
        self.started_at = world.now
        self.turn_count = 0
        self.agent_turn_count = 0
        #: The last turn was an answer, not a question, a fallback or a failure.
        self.is_answered = False
        #: When a human was asked for, the first time.
        self.escalated_at: float | None = None
        self.last_helpful: bool | None = None
        #: The agents who held it, in turn.
        self.agent_ids: list[str] = []
        self._world = world

    @property
    def is_escalated(self) -> bool:
        """Whether a human was asked for."""
        return self.escalated_at is not None

    def open(self, user_agent: str | None = None, unknown_fields: Mapping[str, Any] | None = None) -> None:
        """The customer comes in."""
        customer = self.customer
        event = SessionStart(
            session_id=self.session_id,
            channel=self.channel,
            user_agent=user_agent,
            customer_id=None if customer.is_anonymous else customer.customer_id,
            site=customer.site,
            locale=customer.locale,
            is_test=True if self.is_test else None,
        )
        self.history.append(Opening(self._write(event, unknown_fields)))

    def user_turn(self, length: int = 20, words: Words | None = None) -> None:
        """The customer writes; with words, of their length."""
        self.is_answered = False
        spoken, masked = words or (None, None)
        length = length if spoken is None else len(spoken)
        self.history.append(Turn(self._message("user", length, text=spoken), "user", length=length, text=masked))

    def ai_turn(
        self,
        response_time_ms: int | None = None,
        *,
        is_fallback: bool = False,
        length: int = 80,
        words: Words | None = None,
    ) -> None:
        """The AI answers, or says that it did not understand; with words, of their length."""
        self.is_answered = not is_fallback
        spoken, masked = words or (None, None)
        length = length if spoken is None else len(spoken)
        trace = self._message("ai", length, response_time_ms, is_fallback=True if is_fallback else None, text=spoken)
        self.history.append(Turn(trace, "ai", is_fallback, response_time_ms, length, masked))

    def recognise(self, intent: str, confidence: float | None = None) -> None:
        """The AI recognises what the customer wants."""
        event = SessionIntent(session_id=self.session_id, intent=intent, confidence=confidence)
        self.history.append(Intent(self._write(event), intent))

    def route(self, agent_name: str, reason: str | None = None) -> None:
        """One of the AI's sub-agents is chosen."""
        event = AiRoute(session_id=self.session_id, agent_name=agent_name, reason=reason)
        self.history.append(Routing(self._write(event), agent_name))

    def query_order(
        self, order_number: str, response_time_ms: int = 200, *, success: bool, error_type: str | None = None
    ) -> None:
        """An order is looked up."""
        event = QueryOrder(
            session_id=self.session_id,
            order_number=order_number,
            site=self.customer.site,
            success=success,
            response_time_ms=response_time_ms,
            error_type=error_type,
        )
        self.history.append(
            Query(
                self._write(event),
                "order",
                success,
                response_time_ms,
                order_number,
                site=event.site,
                error_type=error_type,
            )
        )

    def query_tracking(
        self,
        tracking_number: str,
        carrier: str,
        response_time_ms: int = 200,
        *,
        success: bool,
        status: str | None = None,
    ) -> None:
        """A parcel is looked up."""
        event = QueryTracking(
            session_id=self.session_id,
            tracking_number=tracking_number,
            carrier=carrier,
            success=success,
            status=status,
            response_time_ms=response_time_ms,
        )
        self.history.append(
            Query(
                self._write(event),
                "tracking",
                success,
                response_time_ms,
                tracking_number,
                carrier=carrier,
                status=status,
            )
        )

    def call_workflow(self, workflow_id: str, response_time_ms: int = 200, *, success: bool) -> None:
        """A workflow is called."""
        event = ApiCozeCall(
            session_id=self.session_id, workflow_id=workflow_id, response_time_ms=response_time_ms, success=success
        )
        self.history.append(Call(self._write(event), "workflow", success, workflow_id, response_time_ms))

    def call_tool(
        self, tool_name: str, response_time_ms: int | None = None, *, success: bool, error_type: str | None = None
    ) -> None:
        """A tool is called."""
        event = AiToolCall(
            session_id=self.session_id,
            tool_name=tool_name,
            success=success,
            response_time_ms=response_time_ms,
            error_type=error_type,
        )
        self.history.append(Call(self._write(event), "tool", success, tool_name, response_time_ms, error_type))

    def fail(self, error_type: str, error_message: str = "", endpoint: str = "/v1/chat") -> None:
        """The AI's service fails."""
        self.is_answered = False
        event = ApiError(
            endpoint=endpoint, error_type=error_type, error_message=error_message, session_id=self.session_id
        )
        self.history.append(
            Call(self._write(event), "error", is_successful=False, name=endpoint, error_type=error_type)
        )

    def interrupt(
        self,
        interrupt_id: str,
        status: Literal["requested", "approved", "rejected", "expired"],
        action: str | None = None,
        decided_by: str | None = None,
    ) -> None:
        """The AI asks a human to allow an action, or the human decides."""
        event = AiInterrupt(
            session_id=self.session_id,
            interrupt_id=interrupt_id,
            status=status,
            action=action,
            decided_by=decided_by,
        )
        self.history.append(Interrupt(self._write(event), interrupt_id, status, action))

    def use_tokens(
        self,
        model: str,
        prompt_tokens: int,
        completion_tokens: int,
        cached_tokens: int | None = None,
        provider: str | None = None,
        *,
        workflow_id: str | None = None,
    ) -> None:
        """A model reads and writes tokens, for an answer or in a workflow."""
        event = AiTokenUsage(
            session_id=self.session_id,
            model=model,
            prompt_tokens=prompt_tokens,
            completion_tokens=completion_tokens,
            cached_tokens=cached_tokens,
            provider=provider,
            workflow_id=workflow_id,
        )
        self.history.append(
            TokenUse(self._write(event), model, prompt_tokens, completion_tokens, cached_tokens, provider, workflow_id)
        )

    def give_feedback(self, *, helpful: bool) -> None:
        """The customer says whether it helped."""
        self.last_helpful = helpful
        self.history.append(
            Feedback(self._write(SessionFeedback(session_id=self.session_id, helpful=helpful)), helpful)
        )

    def rate(self, score: int, rated: Literal["ai", "human"] | None = None, comment_length: int | None = None) -> None:
        """The customer gives a score."""
        event = SessionRating(session_id=self.session_id, score=score, rated=rated, comment_length=comment_length)
        self.history.append(Rating(self._write(event), score, rated, comment_length))

    def escalate(
        self, reason: str, severity: Severity = "medium", keyword: str | None = None, *, accepted: bool | None = None
    ) -> None:
        """A human is asked for; ``accepted=False``: the hand-over is turned down."""
        if self.escalated_at is None:
            self.escalated_at = self._world.now
        event = SessionEscalate(
            session_id=self.session_id, reason=reason, severity=severity, trigger_keyword=keyword, accepted=accepted
        )
        self.history.append(Escalation(self._write(event), reason, severity, keyword, accepted is not False))

    def end(
        self,
        duration_seconds: float,
        message_count: int,
        resolved_by: ResolvedBy = "ai",
        end_reason: EndReason | None = None,
    ) -> None:
        """The session ends; the arguments are what the product claims."""
        event = SessionEnd(
            session_id=self.session_id,
            duration_seconds=duration_seconds,
            message_count=message_count,
            resolved_by=resolved_by,
            end_reason=end_reason,
        )
        self.history.append(Ending(self._write(event), end_reason, duration_seconds, message_count, resolved_by))

    def summarise(self) -> None:
        """A release ahead of the contract writes an event that the contract does not know."""
        self._world.write_unknown("ai_chatbot", "session.summary", {"session_id": self.session_id, "topic_count": 1})

    def _message(
        self,
        role: Literal["user", "ai"],
        length: int,
        response_time_ms: int | None = None,
        is_fallback: bool | None = None,  # noqa: FBT001 - as the event has it
        text: str | None = None,
    ) -> Trace:
        self.turn_count += 1
        event = SessionMessage(
            session_id=self.session_id,
            role=role,
            message_length=length,
            message_id=f"{self.session_id}-{self.turn_count}",
            response_time_ms=response_time_ms,
            is_fallback=is_fallback,
            text=text,
        )
        return self._write(event)

    def _write(self, event: Event, unknown_fields: Mapping[str, Any] | None = None) -> Trace:
        return self._world.write(event, self.is_outdated, unknown_fields)
