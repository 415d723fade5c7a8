"""Business time by brute force: every minute is looked up in the calendar.

Instants are whole microseconds since the epoch. All zones of today are whole minutes away from UTC, so that a minute of
the epoch is a minute on the wall, and open or not as a whole. Where an hour begins and ends with the same distance from
UTC its minutes are looked up together: no zone changes its clocks and takes it back within an hour.
"""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from ..world.calendar import Calendar

SECOND = 1_000_000
MINUTE = 60 * SECOND
_MINUTES_A_DAY = 1440
_EPOCH = date(1970, 1, 1)
_ONE_MINUTE = timedelta(minutes=1)
#: A calendar that is closed for so long does not open again.
_MOST_DAYS = 800


class BusinessTime:
    """The open minutes of a calendar, each looked up once."""

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar
        self._zone = ZoneInfo(calendar.timezone)
        # By number of days since the epoch: in UTC, and on the wall.
        self._days: dict[int, bytes] = {}
        self._walls: dict[int, bytes] = {}
        # Most days are alike, and kept once.
        self._kinds: dict[bytes, bytes] = {}

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
            first = day * _MINUTES_A_DAY
            hours = range(first, first + _MINUTES_A_DAY + 1, 60)
            ahead = [self._ahead(hour) for hour in hours]
            minutes = b"".join(map(self._hour, hours, ahead, ahead[1:]))
            self._days[day] = minutes = self._kinds.setdefault(minutes, minutes)
        return minutes

    def _hour(self, first: int, ahead: int, ahead_later: int) -> bytes:
        """The minutes of an hour, which begins and ends so many minutes ahead of UTC."""
        if ahead == ahead_later:
            day, minute = divmod(first + ahead, _MINUTES_A_DAY)
            return (self._wall(day) + self._wall(day + 1))[minute : minute + 60]
        return bytes(self._minute(minute + self._ahead(minute)) for minute in range(first, first + 60))

    def _minute(self, on_the_wall: int) -> int:
        return self._wall(on_the_wall // _MINUTES_A_DAY)[on_the_wall % _MINUTES_A_DAY]

    def _ahead(self, minute: int) -> int:
        """How many minutes the clock on the wall is ahead of UTC."""
        wall = datetime.fromtimestamp(minute * 60, self._zone)
        return (wall.replace(tzinfo=UTC) - wall) // _ONE_MINUTE

    def _wall(self, day: int) -> bytes:
        """The minutes of a day on the wall."""
        minutes = self._walls.get(day)
        if minutes is None:
            minutes = self._calendar.minutes_of(_EPOCH + timedelta(days=day))
            self._walls[day] = minutes = self._kinds.setdefault(minutes, minutes)
        return minutes


@cache
def business_time(calendar: Calendar) -> BusinessTime:
    """The business time of a calendar, the same for all who ask."""
    return BusinessTime(calendar)
