"""The book of operations: what the AI did behind its answers, counted by day, and by the hour for APIs."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from ..world.happenings import Call, Interrupt, Routing
from ..world.session import Session
from ..world.tenant import HOUR
from ..world.world import World
from .book import Blank
from .exact import percentile, ratio
from .session_memory import SessionMemory
from .sessions import SessionBook
from .table import write_table
from .view import View


class _Operation(NamedTuple):
    """When it was, of what kind and name, how it ended, and how long it took."""

    at: float
    kind: str
    name: str
    status: str
    time: int | None = None


class _Key(NamedTuple):
    """What is counted together; hour: the instant at which it began, -1 for a whole day."""

    tenant_id: str
    day: date
    hour: float
    kind: str
    name: str


@dataclass
class _Tally:
    """Operations of one kind and name in a day or an hour."""

    statuses: list[str] = field(default_factory=list)
    sessions: set[str] = field(default_factory=set)
    times: list[int] = field(default_factory=list)

    def count(self, status: str) -> int:
        """How many ended so."""
        return self.statuses.count(status)

    def latency(self) -> dict[str, Any]:
        """The columns of the response times."""
        return {
            "response_time_ms_total": sum(self.times) if self.times else None,
            "avg_response_time_ms": ratio(sum(self.times), len(self.times)),
            "p50_response_time_ms": percentile(self.times, 0.5) if self.times else None,
            "p95_response_time_ms": percentile(self.times, 0.95) if self.times else None,
        }


class OperationBook(Blank):
    """Counts the operations of a session when it is over; those of test sessions are nobody's."""

    def __init__(self, folder: Path, view: View, sessions: SessionBook) -> None:
        self._folder = folder
        self._view = view
        self._sessions = sessions
        self._tallies: defaultdict[_Key, _Tally] = defaultdict(_Tally)

    def session_over(self, world: World, session: Session) -> None:
        """Count what is seen of it."""
        memory = SessionMemory(session, self._view)
        if memory.is_test:
            return
        for operation in _operations(memory):
            self._take(world, operation, session.session_id)

    def api_failed(self, world: World, error: Call) -> None:
        """Count a failure outside of all sessions."""
        if self._view.sees(error.trace):
            self._take(world, _Operation(self._view.at(error.trace), "error", error.name, "failed"), "")

    def close(self) -> None:
        """Write the days and the hours."""
        for name, day, rows in (
            ("ai_agent_usage_daily", "routing_date", self._routings()),
            ("ai_interrupts_daily", "interrupt_date", self._interrupts()),
            ("ai_tool_usage_daily", "call_date", self._tools()),
            ("query_performance_daily", "query_date", self._queries()),
            ("api_health_hourly", "call_date", self._health()),
        ):
            days = (row | {"is_final": self._sessions.is_final(row["tenant_id"], row[day])} for row in rows)
            write_table(self._folder / f"{name}.csv", days)

    def _take(self, world: World, operation: _Operation, session_id: str) -> None:
        day = world.tenant.local_date(operation.at)
        for hour in (-1.0, operation.at - operation.at % HOUR):
            tally = self._tallies[_Key(world.tenant.tenant_id, day, hour, operation.kind, operation.name)]
            tally.statuses.append(operation.status)
            tally.sessions.add(session_id)
            tally.times += [] if operation.time is None else [operation.time]

    def _days(self, *kinds: str) -> Iterator[tuple[_Key, _Tally, int]]:
        """The days of some kinds, each with how many of its kind there were on that day."""
        days = [key for key in sorted(self._tallies) if key.hour < 0 and key.kind in kinds]
        totals: Counter[tuple[str, date, str]] = Counter()
        for key in days:
            totals[key.tenant_id, key.day, key.kind] += len(self._tallies[key].statuses)
        for key in days:
            yield key, self._tallies[key], totals[key.tenant_id, key.day, key.kind]

    def _routings(self) -> Iterator[dict[str, Any]]:
        for key, tally, all_count in self._days("routing"):
            yield {
                "tenant_id": key.tenant_id,
                "routing_date": key.day,
                "ai_agent_name": key.name,
                "sessions_count": len(tally.sessions),
                "routings_count": len(tally.statuses),
                "all_routings_count": all_count,
                "routing_share": ratio(len(tally.statuses), all_count),
            }

    def _interrupts(self) -> Iterator[dict[str, Any]]:
        for key, tally, _ in self._days("interrupt"):
            decisions = {status: tally.count(status) for status in ("approved", "rejected", "expired")}
            yield {
                "tenant_id": key.tenant_id,
                "interrupt_date": key.day,
                "interrupt_action": key.name,
                "interrupts_count": len(tally.statuses),
                **{f"{status}_count": count for status, count in decisions.items()},
                "pending_count": tally.count("requested"),
                "approval_rate": ratio(decisions["approved"], sum(decisions.values())),
            }

    def _tools(self) -> Iterator[dict[str, Any]]:
        for key, tally, _ in self._days("tool"):
            yield {
                "tenant_id": key.tenant_id,
                "call_date": key.day,
                "tool_name": key.name,
                "sessions_count": len(tally.sessions),
                "calls_count": len(tally.statuses),
                "successful_calls_count": tally.count("successful"),
                "failed_calls_count": tally.count("failed"),
                "timed_calls_count": len(tally.times),
                "success_rate": ratio(tally.count("successful"), len(tally.statuses)),
                **tally.latency(),
            }

    def _queries(self) -> Iterator[dict[str, Any]]:
        for key, tally, all_count in self._days("order", "tracking"):
            yield {
                "tenant_id": key.tenant_id,
                "query_date": key.day,
                "query_type": key.kind,
                "site_or_carrier": key.name,
                "sessions_count": len(tally.sessions),
                "queries_count": len(tally.statuses),
                "all_queries_count": all_count,
                "successful_queries_count": tally.count("successful"),
                "timed_queries_count": len(tally.times),
                "query_share": ratio(len(tally.statuses), all_count),
                "success_rate": ratio(tally.count("successful"), len(tally.statuses)),
                **tally.latency(),
            }

    def _health(self) -> Iterator[dict[str, Any]]:
        for key, tally in sorted(self._tallies.items(), key=lambda item: item[0]):
            if key.hour < 0 or key.kind not in {"workflow", "error"}:
                continue
            calls = len(tally.statuses) if key.kind == "workflow" else 0
            failed = tally.count("failed") if key.kind == "workflow" else 0
            yield {
                "tenant_id": key.tenant_id,
                "call_date": key.day,
                "hour_started_at": key.hour,
                "endpoint_type": "workflow" if key.kind == "workflow" else "endpoint",
                "endpoint": key.name,
                "calls_count": calls,
                "failed_calls_count": failed,
                "errors_count": 0 if key.kind == "workflow" else len(tally.statuses),
                "timed_calls_count": len(tally.times),
                "failure_rate": ratio(failed, calls),
                **tally.latency(),
            }


def _operations(memory: SessionMemory) -> Iterator[_Operation]:
    """What the AI did in a session; an interrupt is one operation, at its first step."""
    for query in memory.queries:
        name = (query.site if query.subject == "order" else query.carrier) or "unknown"
        status = "successful" if query.is_successful else "failed"
        yield _Operation(memory.at(query), query.subject, name, status, query.response_time_ms)
    for call in memory.calls:
        status = "successful" if call.is_successful else "failed"
        yield _Operation(memory.at(call), call.what, call.name, status, call.response_time_ms)
    interrupts: defaultdict[str, list[Interrupt]] = defaultdict(list)
    for happening in memory.all:
        if isinstance(happening, Routing):
            yield _Operation(memory.at(happening), "routing", happening.agent_name, "routed")
        if isinstance(happening, Interrupt):
            interrupts[happening.interrupt_id].append(happening)
    for steps in interrupts.values():
        # What was asked for is said again with the decision, the last of which holds.
        status = ["requested", *(step.status for step in steps if step.status != "requested")][-1]
        yield _Operation(memory.at(steps[0]), "interrupt", steps[0].action or "unknown", status)
