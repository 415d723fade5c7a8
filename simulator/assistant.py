"""The AI assistant: how it comes to an answer."""

from collections.abc import Generator

from emitter import (
    AiInterrupt,
    AiRoute,
    AiTokenUsage,
    AiToolCall,
    ApiCozeCall,
    ApiError,
    QueryOrder,
    QueryTracking,
    SessionIntent,
)

from .agenda import Process
from .chat import Chat

_INTENTS = {
    "order_status": 0.27,
    "tracking": 0.25,
    "return_refund": 0.13,
    "product_question": 0.15,
    "payment": 0.08,
    "account": 0.07,
    "small_talk": 0.05,
}
_SUB_AGENTS = {
    "order_status": "order-agent",
    "tracking": "logistics-agent",
    "return_refund": "after-sales-agent",
    "payment": "order-agent",
}
_CARRIERS = {"sf": 0.45, "jt": 0.2, "ups": 0.12, "dhl": 0.13, "ninjavan": 0.1}
_TOOLS = {"knowledge_search": 0.6, "product_catalog": 0.25, "account_lookup": 0.15}
_MODELS = {"assistant-small": 0.72, "assistant-large": 0.28}
_ERRORS = {
    "timeout": "upstream did not answer within 30 s",
    "rate_limit": "429 too many requests",
    "bad_response": "no address for customer jane.doe@example.com, phone +852 5123 4567",
}


class Assistant:
    """The AI's side of one chat."""

    def __init__(self, chat: Chat) -> None:
        self._chat = chat
        self._chance = chat.chance
        self._session_id = chat.session.session_id
        self._answer_count = 0
        self._intent = "small_talk"

    def answer(self) -> Process:
        """Answer the customer's last message: understand, look up, write, or fail."""
        chance, world = self._chance, self._chat.world
        asked_at = world.now
        yield chance.around(0.25)
        if self._answer_count == 0 or chance.happens(0.15):
            self._recognise()
            yield chance.around(0.1)
        found = True
        if self._answer_count == 0 or chance.happens(0.3):
            found = yield from self._look_up()
        if chance.happens(0.008):
            yield from self._interrupt()
        self._answer_count += 1
        yield chance.around(1.1)
        if chance.happens(0.007):
            self._fail()
            return
        self._use_tokens()
        is_fallback = chance.happens(0.045 if found else 0.5)
        self._chat.ai_turn(response_time_ms=round((world.now - asked_at) * 1000), is_fallback=is_fallback)

    def _recognise(self) -> None:
        self._intent = self._chance.pick(_INTENTS)
        self._chat.write(
            SessionIntent(
                session_id=self._session_id,
                intent=self._intent,
                confidence=round(self._chance.betavariate(9, 1.6), 3),
            )
        )
        if self._chance.happens(0.8):
            self._chat.write(
                AiRoute(
                    session_id=self._session_id,
                    agent_name=_SUB_AGENTS.get(self._intent, "general-agent"),
                    reason=f"intent {self._intent}",
                )
            )

    def _look_up(self) -> Generator[float, None, bool]:
        """Ask the systems behind; the result is whether something was found."""
        chance = self._chance
        took = chance.around(0.45)
        yield took
        response_time_ms = round(took * 1000)
        success = chance.happens(0.93)
        if self._intent == "order_status":
            self._chat.write(
                QueryOrder(
                    session_id=self._session_id,
                    order_number=f"SO{chance.randrange(10**9):09d}",
                    site=self._chat.session.customer.site,
                    success=success,
                    response_time_ms=response_time_ms,
                    error_type=None if success else chance.pick({"not_found": 0.7, "timeout": 0.3}),
                )
            )
        elif self._intent == "tracking":
            self._chat.write(
                QueryTracking(
                    session_id=self._session_id,
                    tracking_number=f"TN{chance.randrange(10**12):012d}",
                    carrier=chance.pick(_CARRIERS),
                    success=success,
                    status=chance.pick({"in_transit": 0.6, "delivered": 0.3, "customs": 0.1}) if success else None,
                    response_time_ms=response_time_ms,
                )
            )
        elif self._intent == "return_refund":
            success = chance.happens(0.97)
            self._chat.write(
                ApiCozeCall(
                    session_id=self._session_id,
                    workflow_id="after-sales-policy",
                    response_time_ms=response_time_ms,
                    success=success,
                )
            )
        elif self._intent != "small_talk":
            success = chance.happens(0.96)
            self._chat.write(
                AiToolCall(
                    session_id=self._session_id,
                    tool_name=chance.pick(_TOOLS),
                    success=success,
                    response_time_ms=response_time_ms,
                    error_type=None if success else "timeout",
                )
            )
        return success

    def _interrupt(self) -> Process:
        """The AI wants to do what a human must allow; some requests stay without a decision."""
        chance = self._chance
        request = AiInterrupt(
            session_id=self._session_id,
            interrupt_id=f"i-{chance.getrandbits(48):012x}",
            status="requested",
            action=chance.pick({"refund_order": 0.6, "change_address": 0.4}),
        )
        self._chat.write(request)
        yield chance.around(25)
        decision = chance.pick({"approved": 0.68, "rejected": 0.16, "expired": 0.1, "": 0.06})
        if decision == "expired":
            yield 90
        for status in ("approved", "rejected", "expired"):
            if status == decision:
                decided_by = None if status == "expired" else "supervisor-1"
                self._chat.write(
                    AiInterrupt(
                        session_id=self._session_id,
                        interrupt_id=request.interrupt_id,
                        status=status,
                        action=request.action,
                        decided_by=decided_by,
                    )
                )

    def _use_tokens(self) -> None:
        chance = self._chance
        prompt = round(chance.around(900, 0.3)) + 260 * self._answer_count
        self._chat.write(
            AiTokenUsage(
                session_id=self._session_id,
                model=chance.pick(_MODELS),
                prompt_tokens=prompt,
                completion_tokens=round(chance.around(130)),
                cached_tokens=round(prompt * chance.uniform(0.3, 0.8)) if self._answer_count > 1 else None,
                provider="assistant-cloud",
            )
        )

    def _fail(self) -> None:
        error_type = self._chance.pick(dict.fromkeys(_ERRORS, 1.0))
        self._chat.write(
            ApiError(
                endpoint="/v1/chat",
                error_type=error_type,
                error_message=_ERRORS[error_type],
                session_id=self._session_id,
            )
        )
