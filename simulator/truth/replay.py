"""The book of replays: the list of conversations, and what happened in each, step by step."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from ..world.happenings import Call, TokenUse
from ..world.session import Session
from ..world.settings import Settings
from ..world.tenant import Tenant
from ..world.world import World
from .book import Blank
from .exact import seconds_between
from .handlings import Handling, handlings
from .money import Money
from .replay_step import step_of
from .session_memory import SessionMemory
from .session_row import session_row
from .table import Row, Table
from .view import View

_OF_THE_SESSION = (
    "tenant_id",
    "session_id",
    "session_date",
    "started_at",
    "ended_at",
    "outcome",
    "outcome_reason",
    "channel",
    "site",
    "intent",
    "currency",
    "is_test",
    "is_escalated",
    "is_last_feedback_helpful",
    "duration_seconds",
    "user_turns_count",
    "ai_turns_count",
    "agent_messages_count",
    "last_rating_score",
    "human_cost_amount",
    "cost_amount",
)


class ReplayBook(Blank):
    """Writes a session's steps when it is over, and its line of the list if the chatbot knows of it."""

    def __init__(self, folder: Path, settings: Settings, view: View) -> None:
        self._view = view
        self._money = Money(settings)
        self._conversations = Table(folder / "conversations.csv")
        self._steps = Table(folder / "replay_steps.csv")

    def session_over(self, world: World, session: Session) -> None:
        """Write what is seen of it."""
        memory = SessionMemory(session, self._view)
        if memory.of_chatbot:
            self._conversations.add(self._conversation(world.tenant, session, memory))
        for row in self._replay(world.tenant, session, memory):
            self._steps.add(row)

    def close(self) -> None:
        """Nothing more happens."""
        self._conversations.close()
        self._steps.close()

    def _conversation(self, tenant: Tenant, session: Session, memory: SessionMemory) -> Row:
        row = session_row(tenant, session, memory, self._money)
        tokens, calls = row["token_cost_amount"], row["api_cost_amount"]
        held = handlings(session, self._view, is_test=memory.is_test)
        return {
            **{name: row[name] for name in _OF_THE_SESSION},
            "ai_agents": _listed({routing.agent_name for routing in memory.routings}),
            "human_agents": _listed({handling.agent_id for handling in held}),
            "turns_count": len(memory.turns) + len(memory.agent_turns),
            "ai_cost_amount": None if tokens is None or calls is None else tokens + calls,
        }

    def _replay(self, tenant: Tenant, session: Session, memory: SessionMemory) -> Iterator[Row]:
        """The steps, and what was spent and who held the session at each of them."""
        spent, unpriced_count = Decimal(0), 0
        number, started_at, previous_at = 0, None, None
        holds = handlings(session, self._view, is_test=memory.is_test)
        if memory.of_chatbot:
            started_at = memory.at(memory.first_said)
        for happening in memory.all:
            at = memory.at(happening)
            if isinstance(happening, TokenUse) or (isinstance(happening, Call) and happening.what == "workflow"):
                cost = self._cost(tenant, happening, at)
                spent += cost or 0
                unpriced_count += cost is None
            if isinstance(happening, TokenUse):
                continue
            number += 1
            started_at = at if started_at is None else started_at
            yield {
                "tenant_id": tenant.tenant_id,
                "session_id": session.session_id,
                "step_number": number,
                "event_id": happening.trace.event_id,
                "occurred_at": at,
                **step_of(session, happening),
                "held_by_agent_id": next((hold.agent_id for hold in holds if _is_within(hold, at)), None),
                "currency": tenant.currency,
                "seconds_since_previous": None if previous_at is None else seconds_between(previous_at, at),
                "seconds_since_start": seconds_between(started_at, at),
                "running_ai_cost_amount": spent,
                "running_unpriced_count": unpriced_count,
            }
            previous_at = at

    def _cost(self, tenant: Tenant, happening: TokenUse | Call, at: float) -> Decimal | None:
        day = tenant.local_date(at)
        if isinstance(happening, TokenUse):
            return self._money.token_cost(tenant, happening, day)
        return self._money.api_cost(tenant, happening.name, day)


def _is_within(hold: Handling, at: float) -> bool:
    """Whether an agent has the session in hand at an instant; no longer at that of the hold's end."""
    return hold.taken_over_at <= at and (hold.ended_at is None or at < hold.ended_at)


def _listed(names: set[Any]) -> str | None:
    """Names in their order, with commas between them; None without any."""
    return ", ".join(sorted(names)) or None
