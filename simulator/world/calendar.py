"""Business calendars and the promises that are measured by them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Hours:
    """Opening hours that begin on a weekday (Monday is 0), in minutes after midnight by the clock on the wall.

    ``closes`` at or before ``opens`` is a time of the next day; 24 hours are 0 to 1440. They open on local dates from
    valid_from to before valid_to.
    """

    weekday: int
    opens: int
    closes: int
    valid_from: date = date.min
    valid_to: date | None = None

    @property
    def is_over_midnight(self) -> bool:
        """Whether they end on the next day."""
        return self.closes <= self.opens

    def holds_on(self, day: date) -> bool:
        """Whether they are in force on a local date."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


@dataclass(frozen=True)
class Calendar:
    """When a desk is open. On a holiday it does not open; what was opened the evening before goes on to its end."""

    calendar_id: str
    timezone: str
    hours: tuple[Hours, ...]
    holidays: tuple[date, ...] = ()

    def minutes_of(self, day: date) -> bytes:
        """For each of the 1440 minutes of a local date, as the clock on the wall shows them, 1 where it is open."""
        minutes = bytearray(1440)
        for hours in self.hours:
            if self._opens(hours, day):
                closes = 1440 if hours.is_over_midnight else hours.closes
                minutes[hours.opens : closes] = bytes([1]) * (closes - hours.opens)
            if hours.is_over_midnight and self._opens(hours, day - _DAY):
                minutes[: hours.closes] = bytes([1]) * hours.closes
        return bytes(minutes)

    def _opens(self, hours: Hours, day: date) -> bool:
        return hours.weekday == day.weekday() and hours.holds_on(day) and day not in self.holidays


@dataclass(frozen=True)
class Policy:
    """What a tenant promises for tickets of a priority (and of a type, or of any): minutes by a calendar.

    metric: ``first_response``, ``next_response`` or ``resolution``; pausing: statuses in which the clock stands still.
    valid_from, valid_to: local dates, the second excluded.
    """

    metric: str
    priority: str
    target_minutes: int
    calendar_id: str
    ticket_type: str | None = None
    pausing: tuple[str, ...] = ()
    valid_from: date = date(2000, 1, 1)
    valid_to: date | None = None


def week(weekdays: Iterable[int], *spans: tuple[int, int]) -> tuple[Hours, ...]:
    """The same hours, in minutes after midnight, on several weekdays."""
    return tuple(Hours(weekday, opens, closes) for weekday in weekdays for opens, closes in spans)
