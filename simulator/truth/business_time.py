"""Business time by brute force: every minute is looked up in the calendar.

Instants are whole microseconds since the epoch. All zones of today are whole minutes away from UTC, so that a minute of
the epoch is a minute on the wall, and open or not as a whole.
"""

from functools import cache

from ..world.calendar import Calendar

SECOND = 1_000_000
MINUTE = 60 * SECOND
_MINUTES_A_DAY = 1440
#: A calendar that is closed for so long does not open again.
_MOST_DAYS = 800


class BusinessTime:
    """The open minutes of a calendar, each looked up once."""

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar
        self._days: dict[int, bytes] = {}

    def between(self, start: int, end: int) -> int:
        """Microseconds of business time from one instant to a later one."""
        first, last = start // MINUTE, end // MINUTE
        if first == last:
            return (end - start) * self._is_open(first)
        begun = ((first + 1) * MINUTE - start) * self._is_open(first)
        whole = MINUTE * self._open_count(first + 1, last)
        return begun + whole + (end - last * MINUTE) * self._is_open(last)

    def after(self, start: int, open_time: int) -> int | None:
        """The first instant at which so much business time has passed since ``start``; None if the desk never opens."""
        now, missing = start, open_time
        latest = start + _MOST_DAYS * _MINUTES_A_DAY * MINUTE
        while missing > 0:
            if now >= latest:
                return None
            minute = now // MINUTE
            if minute % _MINUTES_A_DAY == 0 and self._open_count(minute, minute + _MINUTES_A_DAY) * MINUTE < missing:
                missing -= self._open_count(minute, minute + _MINUTES_A_DAY) * MINUTE
                now += _MINUTES_A_DAY * MINUTE
                continue
            rest = (minute + 1) * MINUTE - now
            if self._is_open(minute):
                if missing <= rest:
                    return now + missing
                missing -= rest
            now += rest
        return now

    def next_open(self, start: int) -> int:
        """The first instant of business time from ``start`` on, which must exist."""
        minute = start // MINUTE
        if self._is_open(minute):
            return start
        while not self._is_open(minute):
            minute += 1
        return minute * MINUTE

    def _is_open(self, minute: int) -> int:
        return self._day(minute // _MINUTES_A_DAY)[minute % _MINUTES_A_DAY]

    def _open_count(self, first: int, last: int) -> int:
        """How many minutes are open, of those from ``first`` to before ``last``."""
        count = 0
        while first < last:
            day, minute = divmod(first, _MINUTES_A_DAY)
            length = min(last - first, _MINUTES_A_DAY - minute)
            count += self._day(day).count(1, minute, minute + length)
            first += length
        return count

    def _day(self, day: int) -> bytes:
        """For each minute of a day in UTC, 1 where the clock on the wall shows business time."""
        minutes = self._days.get(day)
        if minutes is None:
            begins_at = day * _MINUTES_A_DAY * 60
            minutes = bytes(self._calendar.is_open(begins_at + 60 * minute) for minute in range(_MINUTES_A_DAY))
            self._days[day] = minutes
        return minutes


@cache
def business_time(calendar: Calendar) -> BusinessTime:
    """The business time of a calendar, the same for all who ask."""
    return BusinessTime(calendar)
