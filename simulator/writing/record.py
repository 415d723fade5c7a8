"""The record of a run: its parameters, and what happened, counted in the world and in the writing."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any

from ..world.agent import Shift
from ..world.happenings import Ending, Escalation
from ..world.relay import Relay
from ..world.session import Session
from ..world.settings import Settings
from ..world.thread import Thread
from ..world.ticket import Closure, Ticket
from ..world.world import Witness, World
from .dispatch import Dispatch
from .journal import Journal


class Tally(Relay):
    """A witness that counts what is over, and passes it on to another one."""

    def __init__(self, other: Witness) -> None:
        super().__init__(other)
        self.counts = Counter[str]()

    def session_over(self, world: World, session: Session) -> None:
        """Nothing more will happen in a session."""
        escalations = [happening for happening in session.history if isinstance(happening, Escalation)]
        self.counts["sessions"] += 1
        self.counts["sessions_test"] += session.is_test
        self.counts["sessions_escalated"] += bool(escalations)
        self.counts["sessions_escalation_rejected"] += any(not each.is_accepted for each in escalations)
        self.counts["sessions_with_agent"] += bool(session.agent_ids)
        self.counts["sessions_without_end"] += not any(isinstance(each, Ending) for each in session.history)
        super().session_over(world, session)

    def ticket_over(self, world: World, ticket: Ticket) -> None:
        """Nothing more will happen to a ticket."""
        self.counts["tickets"] += 1
        self.counts["tickets_closed"] += any(isinstance(step, Closure) for step in ticket.history)
        super().ticket_over(world, ticket)

    def shift_over(self, world: World, shift: Shift) -> None:
        """An agent's work is over."""
        self.counts["agent_shifts"] += 1
        self.counts["agent_shifts_without_logout"] += shift.logout is None
        super().shift_over(world, shift)

    def thread_over(self, world: World, thread: Thread) -> None:
        """Nothing more will happen in a thread."""
        self.counts["threads"] += 1
        super().thread_over(world, thread)


def endless_parameters(settings: Settings) -> dict[str, Any]:
    """What a run without an end was asked for."""
    return {
        "parameters": {
            "sessions_per_day": settings.sessions_per_day,
            "seed": settings.seed,
            "start": settings.start.isoformat(),
            "tenants": {tenant.tenant_id: tenant.timezone for tenant in settings.tenants},
        }
    }


def parameters(settings: Settings, *, delivery_count: int = 1) -> dict[str, Any]:
    """What a run was asked for, and the instant for which its truth is told."""
    common = endless_parameters(settings)["parameters"]
    return {
        "parameters": {"days": settings.days, **common, "deliveries": delivery_count},
        "faults": sorted(settings.faults),
        "as_of": datetime.fromtimestamp(settings.as_of, UTC).isoformat().replace("+00:00", "Z"),
    }


def counts(tally: Tally, journal: Journal, dispatch: Dispatch) -> dict[str, Any]:
    """Counts of the world and of the writing, never of the finished files."""
    missing_count = sum(len(start.missing) for start in journal.starts)
    return {
        "counts": {
            "lines": dispatch.line_count,
            "events": journal.events.total(),
            "events_missing": missing_count,
            "malformed": dispatch.malformed.total(),
            "duplicates": dispatch.repeated_in_same_file + dispatch.repeated_in_other_file,
            "duplicates_in_same_file": dispatch.repeated_in_same_file,
            "duplicates_in_other_file": dispatch.repeated_in_other_file,
            "aliases": journal.alias_count,
            **tally.counts,
        },
        "malformed": dict(sorted(dispatch.malformed.items())),
        "events": dict(sorted(journal.events.items())),
        "lines": dict(sorted(dispatch.lines_by_file.items())),
    }
