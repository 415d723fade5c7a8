"""What a run is asked for."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from .tenant import Tenant
from .tenants import TENANTS


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The parameters of a run; the same settings give the same bytes.

    days: length of the window in local days; sessions_per_day: of each tenant, mean over a week; start: first local
    day. faults: names of what goes wrong, see :data:`~simulator.writing.faults.FAULTS`.
    """

    days: int = 30
    sessions_per_day: int = 200
    seed: int = 7
    start: date = date(2026, 10, 1)
    tenants: tuple[Tenant, ...] = TENANTS[:1]
    faults: frozenset[str] = field(default_factory=frozenset)

    @property
    def dates(self) -> list[date]:
        """The local days of the window."""
        return [self.start + timedelta(days=number) for number in range(self.days)]

    @property
    def as_of(self) -> float:
        """The instant for which the truth is told: the first tenant's midnight after the last day."""
        return self.tenants[0].instant(self.start, 24.0 * self.days)
