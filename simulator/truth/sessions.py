"""The book of sessions: their ledger, their days and months, what they looked up and used, and who came back."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Protocol, Self, TypeVar

from ..world.session import Session
from ..world.settings import Settings
from ..world.tenant import Tenant
from ..world.ticket import Ticket
from ..world.world import World
from .book import Blank
from .claims import Claims
from .customers import Customers
from .exact import ratio
from .money import Money
from .profiles import Profiles
from .response_times import ResponseTimes
from .returns import Returns
from .session_memory import SessionMemory
from .session_row import session_row
from .session_tally import SessionTally
from .table import Row, Table, write_table
from .usage import UsageBook
from .usage_tally import QueryTally, TokenTally
from .view import View

#: A tenant, and a local day or the first day of a local month.
Key = tuple[str, date]
#: A dimension of sessions, and a value of it.
Value = tuple[str, str]
_ALL = ("all", "all")


class Counted(Protocol):
    """Something counted."""

    def add(self, other: Self) -> None:
        """Add up, e.g. days to a month."""

    def figures(self) -> Row:
        """The counts by column."""


C = TypeVar("C", bound=Counted)


class SessionBook(Blank):
    """Writes a session when it is over; the days and months when the world has ended.

    ``session_months``, ``query_months`` and ``token_months`` are the rows of the monthly tables, from ``close`` on;
    ``session_days`` those of ``ai_resolution_daily``, and ``query_days`` the queries of a day likewise.
    ``session_dates`` are the local dates on which sessions started, by tenant and session, but for test sessions.
    """

    def __init__(self, folder: Path, settings: Settings, view: View, claims: Claims | None = None) -> None:
        self.session_dates: dict[tuple[str, str], date] = {}
        self.session_days: dict[Key, Row] = {}
        self.query_days: dict[Key, Row] = {}
        self.session_months: dict[Key, Row] = {}
        self.query_months: dict[Key, Row] = {}
        self.token_months: dict[Key, Row] = {}
        self._folder = folder
        self._view = view
        self._money = Money(settings)
        self._tenants = {tenant.tenant_id: tenant for tenant in settings.tenants}
        self._sessions = Table(folder / "fct_sessions.csv")
        self._returns = Returns(view)
        self._profiles = Profiles(folder, claims or Claims(folder))
        self._response_times = ResponseTimes(folder)
        self._customers = Customers(folder, view)
        self._days: defaultdict[tuple[Key, Value], SessionTally] = defaultdict(SessionTally)
        self._queries: defaultdict[Key, QueryTally] = defaultdict(QueryTally)
        self._usage = UsageBook(folder, self._money, self._tenants)

    def session_over(self, world: World, session: Session) -> None:
        """Write its row and count it; where the chatbot's lines are not seen, only what was looked up and used."""
        tenant = world.tenant
        memory = SessionMemory(session, self._view)
        self._count_usage(tenant, memory)
        if memory.of_chatbot:
            row = session_row(tenant, session, memory, self._money)
            self._sessions.add(row)
            self._returns.take_session(row)
            self._profiles.take(row)
            self._response_times.take(tenant.tenant_id, row["session_date"], memory)
            self._customers.take_session(row)
            if not memory.is_test:
                self.session_dates[tenant.tenant_id, session.session_id] = row["session_date"]
            for tally in self._tallies(row):
                tally.take(row)

    def ticket_over(self, world: World, ticket: Ticket) -> None:
        """Keep that somebody came back with it."""
        self._returns.take_ticket(world.tenant, ticket)
        self._customers.take_ticket(world.tenant, ticket)

    def is_final(self, tenant_id: str, day: date) -> bool:
        """Whether a local day is over, no more lines of it are expected, and none of the sessions it began is open.

        The last lines are taken to be loaded at "now".
        """
        is_loaded = self._view.is_past(self._tenants[tenant_id], day)
        tally = self._days.get(((tenant_id, day), _ALL))
        return is_loaded and (tally is None or tally.counts["running_sessions_count"] == 0)

    def close(self) -> None:
        """Write the days and the months."""
        self._sessions.close()
        self._tell_returns()
        self._profiles.close(self.is_final)
        self._customers.close()
        self._response_times.close()
        days = {key: tally for (key, value), tally in self._days.items() if value == _ALL}
        self.session_days = {key: self._day(*key) for key in sorted(days)}
        self.query_days = {key: tally.figures() for key, tally in self._queries.items()}
        self.session_months = self._rows(_months(days, SessionTally), has_currency=True)
        self.query_months = self._rows(_months(self._queries, QueryTally), has_currency=False)
        self.token_months = self._rows(_months(self._usage.days(), TokenTally), has_currency=True)
        write_table(self._folder / "ai_resolution_daily.csv", self.session_days.values())
        write_table(self._folder / "ai_resolution_monthly.csv", self.session_months.values())
        write_table(self._folder / "ai_resolution_rates.csv", self._periods())
        write_table(self._folder / "cost_per_conversation_monthly.csv", map(_costs, self.session_months.values()))
        self._usage.close(self.is_final)
        curve = (row for month in self.session_months.values() for row in _curve(month))
        write_table(self._folder / "durability_curve_monthly.csv", curve)
        write_table(self._folder / "query_success_monthly.csv", self.query_months.values())
        write_table(self._folder / "token_usage_monthly.csv", self.token_months.values())

    def _tallies(self, row: Row) -> list[SessionTally]:
        """The tallies of a session's day: of all, and of its channel, site and intent."""
        key = row["tenant_id"], row["session_date"]
        values = [(name, row[name] or "(not logged)") for name in ("channel", "site", "intent")]
        return [self._days[key, value] for value in (_ALL, *values)]

    def _tell_returns(self) -> None:
        returns = Table(self._folder / "fct_session_returns.csv")
        for row in self._returns.rows():
            returns.add(row)
            for tally in self._tallies(row):
                tally.take_return(row)
        returns.close()

    def _periods(self) -> list[Row]:
        periods: defaultdict[tuple[str, str, date, Value], SessionTally] = defaultdict(SessionTally)
        for ((tenant_id, day), value), tally in self._days.items():
            monday = day - timedelta(days=day.weekday())
            for period, start in (("day", day), ("week", monday), ("month", day.replace(day=1))):
                periods[tenant_id, period, start, value].add(tally)
        return [
            {
                "tenant_id": tenant_id,
                "period_type": period,
                "period_start": start,
                "dimension": value[0],
                "dimension_value": value[1],
                "currency": self._tenants[tenant_id].currency,
                **tally.figures(),
            }
            for (tenant_id, period, start, value), tally in sorted(periods.items(), key=lambda item: item[0])
        ]

    def _count_usage(self, tenant: Tenant, memory: SessionMemory) -> None:
        for query in () if memory.is_test else memory.queries:
            self._queries[tenant.tenant_id, tenant.local_date(memory.at(query))].take(query)
        self._usage.take(tenant, memory)

    def _day(self, tenant_id: str, day: date) -> Row:
        tenant = self._tenants[tenant_id]
        return {
            "tenant_id": tenant_id,
            "session_date": day,
            "currency": tenant.currency,
            **self._days[(tenant_id, day), _ALL].figures(),
            "is_final": self.is_final(tenant_id, day),
        }

    def _rows(self, tallies: Mapping[Key, Counted], *, has_currency: bool) -> dict[Key, Row]:
        rows: dict[Key, Row] = {}
        for tenant_id, month in sorted(tallies):
            currency = {"currency": self._tenants[tenant_id].currency} if has_currency else {}
            key = {"tenant_id": tenant_id, "month": month}
            rows[tenant_id, month] = {**key, **currency, **tallies[tenant_id, month].figures()}
        return rows


def _costs(month: Row) -> Row:
    """What the conversations of a month cost."""
    sessions = month["sessions_count"]
    kinds = ("token", "api", "human")
    return {
        **{name: month[name] for name in ("tenant_id", "month", "currency", "sessions_count")},
        "incompletely_costed_count": month["incompletely_costed_count"],
        **{f"sessions_{kind}_cost_amount": month[f"sessions_{kind}_cost_amount"] for kind in kinds},
        "sessions_cost_amount": month["sessions_cost_amount"],
        **{f"avg_{kind}_cost_amount": ratio(month[f"sessions_{kind}_cost_amount"], sessions) for kind in kinds},
        "avg_cost_per_conversation_amount": ratio(month["sessions_cost_amount"], sessions),
    }


def _curve(month: Row) -> list[Row]:
    """How many of the resolutions older than a week lasted a day, two days … a week."""
    mature = month["mature_168h_count"]
    return [
        {
            "tenant_id": month["tenant_id"],
            "month": month["month"],
            "hours_since_resolution": hours,
            "mature_168h_count": mature,
            "lasting_count": month["durable_168h_count" if hours == 168 else f"lasting_{hours}h_count"],
            "lasting_rate": ratio(month["durable_168h_count" if hours == 168 else f"lasting_{hours}h_count"], mature),
        }
        for hours in range(24, 169, 24)
    ]


def _months(days: Mapping[Key, C], new: Callable[[], C]) -> dict[Key, C]:
    """Days added up by month."""
    months: defaultdict[Key, C] = defaultdict(new)
    for (tenant_id, day), tally in days.items():
        months[tenant_id, day.replace(day=1)].add(tally)
    return months
