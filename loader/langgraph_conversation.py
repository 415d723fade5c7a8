"""What the checkpoints of a LangGraph thread tell of a conversation, as events of the contract.

A checkpoint is told by what it has beyond the one before: messages, nodes that were chosen, interrupts and errors of
the step that follows it. Everything bears the time of the checkpoint that shows it first.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from emitter import AiInterrupt, AiRoute, ApiError, Event, SessionStart

from .langgraph_checkpoint import Checkpoint, Reading
from .langgraph_interrupt import action_of, decision_of
from .langgraph_message import answered_call, called, calls_of, key_of, kind_of, said, used

_TO = "branch:to:"


@dataclass(frozen=True)
class Told:
    """An event, when it was, and what names it: the same whenever the thread is read.

    message: the key of the message that it comes from; None for others. is_pending: of the step that follows the
    checkpoint, which may write more of them later.
    """

    at: float
    key: str
    event: Event
    message: str | None = None
    is_pending: bool = False


@dataclass
class _Waiting:
    """An interrupt that nobody had answered when its checkpoint was read, or whose answer is not yet in effect."""

    key: str
    interrupt_id: str
    action: str | None
    task: str


class Conversation:
    """Takes the checkpoints of a thread in their order, and tells the events of each."""

    def __init__(self, thread_id: str, reading: Reading) -> None:
        self._thread_id = thread_id
        self._reading = reading
        self._seen: set[str] = set()
        self._versions: dict[str, Any] = {}
        self._waiting: list[_Waiting] = []
        self._answers: dict[str, Any] = {}
        self._asked_at: float | None = None
        self._calls: dict[str, tuple[str, float | None]] = {}
        self._agent: str | None = None
        self._is_open = False

    def take(self, checkpoint: Checkpoint) -> Iterator[Told]:
        """The events of a checkpoint, in their order."""
        if not self._is_open:
            self._is_open = True
            yield Told(checkpoint.at, "start", self._start(checkpoint))
        if checkpoint.source == "loop":
            yield from self._decisions(checkpoint)
        yield from self._messages(checkpoint)
        yield from self._routings(checkpoint)
        yield from self._pending(checkpoint)
        self._versions = dict(checkpoint.versions)

    def _start(self, checkpoint: Checkpoint) -> SessionStart:
        customer = checkpoint.metadata.get(self._reading.customer_key) if self._reading.customer_key else None
        return SessionStart(
            session_id=self._thread_id,
            channel=self._reading.channel,
            customer_id=None if customer in (None, "") else str(customer),
        )

    def _decisions(self, checkpoint: Checkpoint) -> Iterator[Told]:
        """The step has gone on: what was answered is decided, and what was not is asked no more."""
        for waiting in self._waiting:
            if waiting.task in self._answers:
                yield Told(
                    checkpoint.at,
                    f"{waiting.key} decided",
                    AiInterrupt(
                        session_id=self._thread_id,
                        interrupt_id=waiting.interrupt_id,
                        status=decision_of(self._answers[waiting.task]),
                        action=waiting.action,
                    ),
                )
        self._waiting, self._answers = [], {}

    def _messages(self, checkpoint: Checkpoint) -> Iterator[Told]:
        messages = checkpoint.values.get(self._reading.messages)
        for position, message in enumerate(messages if isinstance(messages, list) else []):
            key = key_of(message, position)
            if key not in self._seen:
                self._seen.add(key)
                for number, event in enumerate(self._events(message, checkpoint.at)):
                    yield Told(checkpoint.at, f"message {key} {number}", event, message=key)

    def _events(self, message: Any, at: float) -> Iterator[Event]:
        kind = kind_of(message)
        events: list[Event | None] = []
        if kind == "human":
            self._asked_at, self._agent = at, None
            events = [said(self._thread_id, message, None)]
        elif kind == "ai":
            self._calls |= {call: (name, at) for call, name in calls_of(message).items()}
            answer = said(self._thread_id, message, _milliseconds(self._asked_at, at))
            events = [used(self._thread_id, message), answer]
            if answer is not None:
                self._asked_at = None
        elif kind == "tool":
            name, called_at = self._calls.pop(answered_call(message), (None, None))
            events = [called(self._thread_id, message, name, _milliseconds(called_at, at))]
        yield from (event for event in events if event is not None)

    def _routings(self, checkpoint: Checkpoint) -> Iterator[Told]:
        """The sub-agents that come next; one that goes on after a tool was not chosen anew."""
        for node in sorted(chosen_nodes(checkpoint, self._versions) & self._reading.agents):
            if node != self._agent:
                self._agent = node
                event = AiRoute(session_id=self._thread_id, agent_name=node)
                yield Told(checkpoint.at, f"route {checkpoint.checkpoint_id} {node}", event)

    def _pending(self, checkpoint: Checkpoint) -> Iterator[Told]:
        self._answers = {task: value for task, channel, value in checkpoint.writes if channel == "__resume__"}
        for task, channel, value in checkpoint.writes:
            if channel == "__interrupt__":
                yield from self._interrupts(checkpoint, task, value)
            elif channel == "__error__":
                event = ApiError(
                    endpoint="langgraph",
                    error_type=type(value).__name__ if isinstance(value, Exception) else str(value).partition("(")[0],
                    error_message=str(value),
                    session_id=self._thread_id,
                )
                yield Told(checkpoint.at, f"error {checkpoint.checkpoint_id} {task}", event, is_pending=True)

    def _interrupts(self, checkpoint: Checkpoint, task: str, value: Any) -> Iterator[Told]:
        """Whoever waits for a human measures no response time."""
        self._asked_at = None
        self._calls = {call: (name, None) for call, (name, _) in self._calls.items()}
        for interrupt in value if isinstance(value, (list, tuple)) else [value]:
            interrupt_id = str(getattr(interrupt, "id", "") or task)
            action = action_of(getattr(interrupt, "value", None))
            key = f"interrupt {checkpoint.checkpoint_id} {task} {interrupt_id}"
            self._waiting.append(_Waiting(key, interrupt_id, action, task))
            event = AiInterrupt(
                session_id=self._thread_id, interrupt_id=interrupt_id, status="requested", action=action
            )
            yield Told(checkpoint.at, key, event, is_pending=True)


def chosen_nodes(checkpoint: Checkpoint, before: dict[str, Any]) -> frozenset[str]:
    """The nodes that come next: their channel has a value, and another version than before."""
    return frozenset(
        channel.removeprefix(_TO)
        for channel in checkpoint.values
        if channel.startswith(_TO) and checkpoint.versions.get(channel) != before.get(channel)
    )


def _milliseconds(start: float | None, end: float) -> int | None:
    """None also for what one checkpoint shows first together, where the steps between were not kept: nobody knows."""
    return None if start is None or end <= start else round((end - start) * 1000)
