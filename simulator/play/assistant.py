"""The AI assistant: how it comes to an answer."""

from collections.abc import Generator

from ..world.agenda import Process
from ..world.chance import Choice
from .chat import Chat

_INTENTS = Choice(
    {
        "order_status": 0.27,
        "tracking": 0.25,
        "return_refund": 0.13,
        "product_question": 0.15,
        "payment": 0.08,
        "account": 0.07,
        "small_talk": 0.05,
    }
)
_SUB_AGENTS = {
    "order_status": "order-agent",
    "tracking": "logistics-agent",
    "return_refund": "after-sales-agent",
    "payment": "order-agent",
}
_CARRIERS = Choice({"sf": 0.45, "jt": 0.2, "ups": 0.12, "dhl": 0.13, "ninjavan": 0.1})
_PARCEL_STATES = Choice({"in_transit": 0.6, "delivered": 0.3, "customs": 0.1})
_ORDER_ERRORS = Choice({"not_found": 0.7, "timeout": 0.3})
_TOOLS = Choice({"knowledge_search": 0.6, "product_catalog": 0.25, "account_lookup": 0.15})
_MODELS = Choice({"assistant-small": 0.72, "assistant-large": 0.28})
_ERRORS = {
    "timeout": "upstream did not answer within 30 s",
    "rate_limit": "429 too many requests",
    "bad_response": "no address for customer jane.doe@example.com, phone +852 5123 4567",
}
_ERROR_TYPES = Choice(dict.fromkeys(_ERRORS, 1.0))
_ACTIONS = Choice({"refund_order": 0.6, "change_address": 0.4})
_DECISIONS = Choice({"approved": 0.68, "rejected": 0.16, "expired": 0.1, "": 0.06})


class Assistant:
    """The AI's side of one chat."""

    def __init__(self, chat: Chat) -> None:
        self._chat = chat
        self._chance = chat.chance
        self._session = chat.session
        self._answer_count = 0
        self._intent = "small_talk"
        #: The workflow that the answer in hand went through.
        self._workflow_id: str | None = None

    def answer(self) -> Process:
        """Answer the customer's last message: understand, look up, write, or fail."""
        chance, world = self._chance, self._chat.world
        asked_at = world.now
        self._workflow_id = None
        if self._answer_count == 0 or chance.happens(0.15):
            yield chance.around(0.25)
            self._recognise()
        found = True
        if self._answer_count == 0 or chance.happens(0.3):
            found = yield from self._look_up()
        if chance.happens(0.008):
            yield from self._interrupt()
        self._answer_count += 1
        yield chance.around(1.1)
        if chance.happens(0.007):
            error_type = chance.pick(_ERROR_TYPES)
            self._session.fail(error_type, _ERRORS[error_type])
            self._chat.is_broken = True
            if chance.happens(0.3):
                yield chance.around(0.5)
                self._chat.ai_turn(round((world.now - asked_at) * 1000), is_fallback=True)
            return
        self._use_tokens()
        is_fallback = chance.happens(0.045 if found else 0.5)
        self._chat.ai_turn(round((world.now - asked_at) * 1000), is_fallback=is_fallback)

    def _recognise(self) -> None:
        chance = self._chance
        self._intent = chance.pick(_INTENTS)
        self._session.recognise(self._intent, round(1 - 0.6 * chance.random() ** 3, 3))
        if chance.happens(0.8):
            self._session.route(_SUB_AGENTS.get(self._intent, "general-agent"), f"intent {self._intent}")

    def _look_up(self) -> Generator[float, None, bool]:
        """Ask the systems behind; the result is whether something was found."""
        chance, session = self._chance, self._session
        took = chance.around(0.45)
        yield took
        response_time_ms = round(took * 1000)
        success = chance.happens(0.93)
        if self._intent == "order_status":
            session.query_order(
                f"SO{chance.getrandbits(29):09d}",
                response_time_ms,
                success=success,
                error_type=None if success else chance.pick(_ORDER_ERRORS),
            )
        elif self._intent == "tracking":
            session.query_tracking(
                f"TN{chance.getrandbits(39):012d}",
                chance.pick(_CARRIERS),
                response_time_ms,
                success=success,
                status=chance.pick(_PARCEL_STATES) if success else None,
            )
        elif self._intent == "return_refund":
            self._workflow_id = "after-sales-policy"
            session.call_workflow(self._workflow_id, response_time_ms, success=success)
        elif self._intent != "small_talk":
            session.call_tool(
                chance.pick(_TOOLS), response_time_ms, success=success, error_type=None if success else "timeout"
            )
        return success

    def _interrupt(self) -> Process:
        """The AI wants to do what a human must allow; some requests stay without a decision."""
        chance, session = self._chance, self._session
        interrupt_id = f"i-{chance.getrandbits(48):012x}"
        action = chance.pick(_ACTIONS)
        session.interrupt(interrupt_id, "requested", action)
        yield chance.around(25)
        decision = chance.pick(_DECISIONS)
        if decision == "expired":
            yield 90
        for status in ("approved", "rejected", "expired"):
            if status == decision:
                session.interrupt(interrupt_id, status, action, None if status == "expired" else "supervisor-1")

    def _use_tokens(self) -> None:
        chance = self._chance
        prompt = int(chance.around(900, 0.3)) + 260 * self._answer_count
        cached = int(prompt * chance.uniform(0.3, 0.8)) if self._answer_count > 1 else None
        self._session.use_tokens(
            chance.pick(_MODELS),
            prompt,
            int(chance.around(130)),
            cached,
            provider="assistant-cloud",
            workflow_id=self._workflow_id,
        )
