"""The record of a run: its parameters, and what happened, counted in the world itself."""

from typing import Any

from .faults import Faults
from .journal import Journal
from .world import World


def record(world: World, journal: Journal, faults: Faults) -> dict[str, Any]:
    """Parameters and counts; the counts come from the world and the writing, never from the finished files."""
    settings, sessions, tickets = world.settings, world.sessions, world.tickets
    lines = journal.lines_by_file + faults.lines_by_file
    older = set(journal.older_filenames)
    return {
        "parameters": {
            "days": settings.days,
            "sessions_per_day": settings.sessions_per_day,
            "seed": settings.seed,
            "start": settings.start.isoformat(),
            "tenant_id": world.tenant.tenant_id,
            "timezone": world.tenant.timezone,
        },
        "counts": {
            "lines": lines.total(),
            "events": journal.counts.total(),
            "malformed": faults.malformed.total(),
            "duplicates": faults.duplicates_in_same_file + faults.duplicates_in_other_file,
            "duplicates_in_same_file": faults.duplicates_in_same_file,
            "duplicates_in_other_file": faults.duplicates_in_other_file,
            "aliases": journal.alias_count,
            "sessions": len(sessions),
            "sessions_test": sum(session.is_test for session in sessions),
            "sessions_escalated": sum(session.escalated_at is not None for session in sessions),
            "sessions_escalation_rejected": sum(session.was_rejected for session in sessions),
            "sessions_with_agent": sum(bool(session.agent_ids) for session in sessions),
            "sessions_without_end": sum(session.ended_at is None for session in sessions),
            "agent_shifts": len(world.shifts),
            "tickets": len(tickets),
            "tickets_closed": sum(ticket.closed_at is not None for ticket in tickets),
        },
        "malformed": dict(sorted(faults.malformed.items())),
        "events": dict(sorted(journal.counts.items())),
        "lines": {f"{name}.gz" if name in older else name: lines[name] for name in sorted(lines)},
    }
