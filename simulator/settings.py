"""What a run is asked for."""

from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The parameters of a run; the same settings give the same bytes.

    days: length of the window in local days; sessions_per_day: mean over a week; start: first local day.
    """

    days: int = 30
    sessions_per_day: int = 200
    seed: int = 7
    start: date = date(2026, 10, 1)

    @property
    def dates(self) -> list[date]:
        """The local days of the window."""
        return [self.start + timedelta(days=number) for number in range(self.days)]
