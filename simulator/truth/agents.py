"""The book of the human agents: their shifts, their handlings, the days and months of both, and the queue for them."""

from collections import defaultdict
from datetime import date
from pathlib import Path

from ..world.agent import Shift
from ..world.happenings import Opening, Transfer
from ..world.session import Session
from ..world.settings import Settings
from ..world.tenant import Tenant
from ..world.world import World
from .agent_tally import HandlingTally
from .book import Blank
from .claims import Claims
from .exact import ratio
from .handlings import Handling, handlings
from .queue_waits import Queue
from .shift_days import ShiftDay, Work, work_days
from .shifts import PastShift, past_shift, shift_row, shift_spans, status_rows
from .table import Row, Table, write_table
from .view import View

_AgentKey = tuple[str, str]
#: A tenant, and a local day or the first day of a local month.
_Key = tuple[str, date]
#: A tenant, an agent and a local day.
_AgentDay = tuple[str, str, date]


class AgentBook(Blank):
    """Writes handlings and waits while sessions end, then shifts, days and months; what is claimed goes to ``claims``.

    handling_months: the rows of ``agent_handling_monthly`` by tenant and first day of the month, once it is closed;
    handling_days: the same figures by day.
    """

    def __init__(self, folder: Path, settings: Settings, view: View, claims: Claims | None = None) -> None:  # noqa: ARG002 - as all books
        self.handling_days: dict[_Key, Row] = {}
        self.handling_months: dict[_Key, Row] = {}
        self._folder = folder
        self._view = view
        self._claims = claims or Claims(folder)
        self._queue = Queue(folder, view)
        self._handlings = Table(folder / "fct_agent_handlings.csv")
        self._days: defaultdict[_Key, HandlingTally] = defaultdict(HandlingTally)
        self._months: defaultdict[_Key, HandlingTally] = defaultdict(HandlingTally)
        self._agent_days: defaultdict[_AgentDay, HandlingTally] = defaultdict(HandlingTally)
        self._work_days: defaultdict[_AgentDay, list[ShiftDay]] = defaultdict(list)
        self._tenants: dict[str, Tenant] = {}
        self._shifts: dict[_AgentKey, list[PastShift]] = {}
        self._holds: dict[_AgentKey, list[Handling]] = {}

    def session_over(self, world: World, session: Session) -> None:
        """Write its handlings and waits; those of a test session count in no day or month."""
        tenant = world.tenant
        self._tenants[tenant.tenant_id] = tenant
        seen = [happening for happening in session.history if self._view.sees(happening.trace)]
        is_test = session.is_test and any(isinstance(happening, Opening) for happening in seen)
        self._queue.session_over(tenant, session, is_test=is_test)
        found = handlings(session, self._view, is_test=is_test)
        for handling in found:
            self._handlings.add(handling.row(tenant))
            self._holds.setdefault((tenant.tenant_id, handling.agent_id), []).append(handling)
        if is_test:
            return
        for handling in found:
            day = tenant.local_date(handling.taken_over_at)
            for tally in self._tallies(tenant.tenant_id, handling.agent_id, day):
                tally.take(handling)
            self._compare(tenant.tenant_id, day, handling)
        # A transfer whose takeover was lost is a transfer too.
        for transfer in seen:
            if isinstance(transfer, Transfer):
                day = tenant.local_date(self._view.at(transfer.trace))
                for tally in self._tallies(tenant.tenant_id, transfer.agent_id, day):
                    tally.transfers_count += 1

    def shift_over(self, world: World, shift: Shift) -> None:
        """Keep of it what its row needs; what ended it as seen may be told by a later one."""
        key = (world.tenant.tenant_id, shift.agent_id)
        self._tenants[world.tenant.tenant_id] = world.tenant
        self._shifts.setdefault(key, []).append(past_shift(shift, self._view))

    def close(self) -> None:
        """Write the shifts, the days and the months."""
        self._handlings.close()
        self._queue.close()
        self._write_shifts()
        self._claims.close()
        keys = sorted({*self._agent_days, *self._work_days})
        write_table(self._folder / "agent_performance_daily.csv", (self._performance(key) for key in keys))
        self.handling_days = {key: tally.figures() for key, tally in self._days.items()}
        self.handling_months = {
            (tenant_id, month): {"tenant_id": tenant_id, "month": month, **self._months[tenant_id, month].figures()}
            for tenant_id, month in sorted(self._months)
        }
        write_table(self._folder / "agent_handling_monthly.csv", self.handling_months.values())

    def _write_shifts(self) -> None:
        names = ("fct_agent_shifts", "fct_agent_status_intervals")
        shifts, statuses = (Table(self._folder / f"{name}.csv") for name in names)
        for key in sorted(self._shifts):
            tenant_id, agent_id = key
            tenant, holds = self._tenants[tenant_id], self._holds.get(key, [])
            changes = sorted(change for shift in self._shifts[key] for change in shift.statuses)
            for shift, span in shift_spans(self._shifts[key], holds, self._view):
                until = self._view.as_of if span.ended_at is None else span.ended_at
                work = Work(span.started_at, until, changes, holds)
                row = shift_row(tenant, agent_id, shift, span, work)
                shifts.add(row)
                for status in status_rows(tenant, agent_id, shift, span, work):
                    statuses.add(status)
                for day in work_days(tenant, work):
                    day.is_on = span.ended_at is None
                    if day.day is not None:
                        self._work_days[*key, day.day].append(day)
                claim, minutes = (tenant_id, row["shift_date"]), row["duration_seconds"] / 60
                self._claims.compare(*claim, "work_minutes", row["reported_work_minutes"], minutes)
                reported = row["reported_sessions_handled_count"]
                self._claims.compare(*claim, "sessions_handled", reported, row["handled_sessions_count"])
        shifts.close()
        statuses.close()

    def _tallies(self, tenant_id: str, agent_id: str, day: date) -> tuple[HandlingTally, ...]:
        month = day.replace(day=1)
        agent = self._agent_days[tenant_id, agent_id, day]
        return agent, self._days[tenant_id, day], self._months[tenant_id, month]

    def _compare(self, tenant_id: str, day: date, handling: Handling) -> None:
        for claim, claimed, seen in (
            ("wait_seconds", handling.claimed_wait_seconds, handling.wait_seconds),
            ("handle_seconds", handling.claimed_handle_seconds, handling.handle_seconds),
            ("agent_message_count", handling.claimed_message_count, handling.messages_count),
        ):
            self._claims.compare(tenant_id, day, claim, claimed, seen)

    def _performance(self, key: _AgentDay) -> Row:
        """The row of ``agent_performance_daily``."""
        handled = self._agent_days.get(key, HandlingTally())
        work = ShiftDay()
        for day in self._work_days.get(key, ()):
            work.add(day)
        return {
            **dict(zip(("tenant_id", "agent_id", "work_date"), key, strict=True)),
            **handled.figures(),
            **handled.more_figures(),
            "shifts_count": len(self._work_days.get(key, ())),
            "work_seconds": work.work,
            "work_hours": ratio(work.work, 3600),
            **work.figures(),
            "occupancy_rate": ratio(work.occupied, work.on_queue),
            "mean_concurrency": ratio(work.sessions, work.held),
            "is_final": self._is_final(key, is_on=work.is_on),
        }

    def _is_final(self, key: _AgentDay, *, is_on: bool) -> bool:
        """Whether the day is past, no shift of it is on, and no session is held that was taken over on it."""
        tenant_id, _, day = key
        handled = self._agent_days.get(key, HandlingTally())
        is_held = handled.handlings_count > len(handled.handles)
        return self._view.is_past(self._tenants[tenant_id], day) and not is_on and not is_held
