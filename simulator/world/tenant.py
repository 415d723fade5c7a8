"""A tenant: whose support desk it is, its local time, its parameters."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from .calendar import Calendar, Policy

DAY = 86_400.0
HOUR = 3_600.0
MINUTE = 60.0


@dataclass(frozen=True)
class Period:
    """A figure that holds from a local date on, until another takes its place."""

    valid_from: date
    amount: str


@dataclass(frozen=True)
class Plan:
    """A plan that holds from a local date on, until another takes its place; without a limit if tokens is None."""

    name: str
    valid_from: date
    tokens_per_month: int | None


@dataclass(frozen=True)
class TeamPeriod:
    """A team that an agent belongs to on local dates from valid_from to before valid_to."""

    agent_id: str
    team: str
    valid_from: date
    valid_to: date | None = None


@dataclass(frozen=True, kw_only=True)
class Tenant:
    """A tenant. Instants are seconds since the epoch, amounts are decimal text in its currency.

    human_costs: what a contact with a human costs; platform_fees: per month; plans: what a month includes; all oldest
    first, in force by date. hourly_cost: of an agent, for as long as human_costs hold; without it contacts are paid.
    rosters: first and last local hour of the shifts that its agents work; over midnight the last is beyond 24.
    teams: which agents belong to one, when.
    captures_text: its products write what is said, masked.
    """

    tenant_id: str
    timezone: str
    currency: str
    human_costs: tuple[Period, ...]
    platform_fees: tuple[Period, ...]
    hourly_cost: str | None = None
    plans: tuple[Plan, ...] = ()
    sites: dict[str, float]
    rosters: tuple[tuple[float, float], ...]
    calendars: tuple[Calendar, ...]
    policies: tuple[Policy, ...]
    teams: tuple[TeamPeriod, ...] = ()
    captures_text: bool = False

    def instant(self, day: date, hours: float = 0.0) -> float:
        """The instant of a wall-clock time: ``hours`` after local midnight of ``day``; 24 is the next midnight."""
        return _instant(self.timezone, day, hours)

    def local_date(self, at: float) -> date:
        """The local date of an instant."""
        return datetime.fromtimestamp(at, ZoneInfo(self.timezone)).date()

    def team(self, agent_id: str | None, day: date) -> str | None:
        """The team of an agent on a local date; None without one."""
        for period in self.teams:
            is_over = period.valid_to is not None and period.valid_to <= day
            if period.agent_id == agent_id and period.valid_from <= day and not is_over:
                return period.team
        return None


@lru_cache(maxsize=100_000)
def _instant(timezone: str, day: date, hours: float) -> float:
    wall = datetime.combine(day, time()) + timedelta(hours=hours)
    return wall.replace(tzinfo=ZoneInfo(timezone)).timestamp()
