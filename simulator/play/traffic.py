"""The shape of the days: when customers come."""

from datetime import date

from ..world.chance import Chance
from ..world.tenant import HOUR, Tenant

#: Relative number of sessions by local hour: a morning and an afternoon peak, a smaller one in the evening.
_BY_HOUR = (0.6, 0.3, 0.2, 0.15, 0.15, 0.3, 0.8, 1.8, 4, 7.5, 9, 8.5, 6, 6.5, 8.5, 9, 8, 6, 4.5, 5, 5.5, 4.5, 2.5, 1.2)
#: Relative number by weekday, Monday first; the mean is 1.
_BY_WEEKDAY = (1.16, 1.13, 1.12, 1.11, 1.10, 0.74, 0.64)


def arrivals(tenant: Tenant, day: date, sessions_per_day: float, chance: Chance) -> list[float]:
    """The instants of a day at which a customer opens a session, in order."""
    expected = sessions_per_day * _BY_WEEKDAY[day.weekday()]
    count = max(0, round(chance.gauss(expected, expected**0.5)))
    hours = chance.choices(range(24), _BY_HOUR, k=count)
    midnight = tenant.instant(day)
    return sorted(midnight + (hour + chance.random()) * HOUR for hour in hours)
