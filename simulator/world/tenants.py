"""The tenants of the simulated world: four desks with time zones, calendars and promises of their own."""

from dataclasses import replace
from datetime import date, timedelta

from .calendar import Calendar, Policy, week
from .tenant import Period, Plan, TeamPeriod, Tenant

_ALWAYS = date(2000, 1, 1)
#: From this day on the office in Berlin closes earlier, and a colleague works in the evening.
_NEW_HOURS_FROM = date(2026, 10, 6)
_PRIORITIES = ("low", "normal", "high", "urgent")
_PAUSES = ("pending", "on_hold")
_YEARS = range(2024, 2030)
_MONDAY, _THURSDAY = 0, 3


def _policies(calendar_id: str, *minutes: tuple[str, tuple[int, int, int, int]]) -> tuple[Policy, ...]:
    """A metric and its targets in minutes from low to urgent; the resolution pauses while others are waited for."""
    return tuple(
        Policy(metric, priority, target, calendar_id, pausing=_PAUSES if metric == "resolution" else ())
        for metric, targets in minutes
        for priority, target in zip(_PRIORITIES, targets, strict=True)
    )


def _yearly(month: int, *days: int) -> tuple[date, ...]:
    """Holidays that are the same days of a month every year."""
    return tuple(date(year, month, day) for year in _YEARS for day in days)


def _movable(month: int, weekday: int, number: int) -> tuple[date, ...]:
    """A holiday on the first, second … such weekday of a month, every year."""
    firsts = (date(year, month, 1) for year in _YEARS)
    return tuple(first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (number - 1)) for first in firsts)


_SHANGHAI = Tenant(
    tenant_id="default",
    timezone="Asia/Shanghai",
    currency="CNY",
    human_costs=(Period(_ALWAYS, "10.00"),),
    platform_fees=(Period(_ALWAYS, "2000.00"),),
    plans=(Plan("standard", _ALWAYS, 400_000),),
    sites={"cn": 0.6, "hk": 0.22, "sg": 0.18},
    rosters=((9, 18), (9, 18), (9, 18), (9, 18), (13, 22), (13, 22), (13, 22), (13, 22)),
    calendars=(
        Calendar(
            "shanghai",
            "Asia/Shanghai",
            week(range(6), (540, 750), (810, 1260)),
            # The National Day.
            _yearly(10, 1, 2, 3),
        ),
    ),
    policies=_policies(
        "shanghai",
        ("first_response", (480, 240, 120, 60)),
        ("next_response", (960, 480, 240, 120)),
        ("resolution", (2880, 1920, 960, 480)),
    ),
    teams=tuple(TeamPeriod(f"a-{number:02d}", "day" if number < 5 else "evening", _ALWAYS) for number in range(1, 9)),
)
_BERLIN = Tenant(
    tenant_id="nordwind",
    timezone="Europe/Berlin",
    currency="EUR",
    human_costs=(Period(_ALWAYS, "4.50"), Period(date(2026, 10, 20), "4.80")),
    platform_fees=(Period(_ALWAYS, "550.00"), Period(date(2026, 10, 1), "600.00")),
    hourly_cost="27.00",
    plans=(Plan("small", _ALWAYS, 150_000), Plan("large", date(2026, 10, 20), 3_000_000)),
    sites={"de": 0.7, "at": 0.3},
    rosters=((8, 17), (8, 17), (12, 20), (22, 30)),
    calendars=(
        Calendar(
            "berlin",
            "Europe/Berlin",
            (
                *(replace(hours, valid_to=_NEW_HOURS_FROM) for hours in week(range(5), (480, 1080))),
                *(replace(hours, valid_from=_NEW_HOURS_FROM) for hours in week(range(5), (480, 1020))),
            ),
            # German Unity Day, in 2026 a Saturday; the company gives the Friday before Reformation Day, too.
            (*_yearly(10, 3), date(2026, 10, 30)),
        ),
        Calendar("berlin_always", "Europe/Berlin", week(range(7), (0, 1440))),
    ),
    policies=(
        *_policies("berlin", ("first_response", (600, 300, 120, 60)), ("next_response", (600, 480, 240, 120)))[:-1],
        Policy("next_response", "urgent", 180, "berlin_always"),
        *_policies("berlin", ("resolution", (3000, 2400, 1200, 600))),
        Policy("resolution", "high", 900, "berlin", ticket_type="complaint", pausing=_PAUSES),
    ),
    # The fourth agent is in none.
    teams=(
        TeamPeriod("a-01", "day", _ALWAYS),
        TeamPeriod("a-02", "day", _ALWAYS, _NEW_HOURS_FROM),
        TeamPeriod("a-02", "evening", _NEW_HOURS_FROM),
        TeamPeriod("a-03", "evening", _ALWAYS),
    ),
    captures_text=True,
)
_NEW_YORK = Tenant(
    tenant_id="harbor",
    timezone="America/New_York",
    currency="USD",
    human_costs=(Period(_ALWAYS, "5.25"),),
    platform_fees=(),
    plans=(Plan("flat", _ALWAYS, None),),
    sites={"us": 1.0},
    rosters=((8, 16), (10, 18), (14, 23), (23, 31)),
    calendars=(
        Calendar(
            "new_york",
            "America/New_York",
            (*week(range(5), (480, 720), (780, 1200)), *week((5,), (600, 960))),
            # Columbus Day and Thanksgiving.
            (*_movable(10, _MONDAY, 2), *_movable(11, _THURSDAY, 4)),
        ),
        Calendar("new_york_always", "America/New_York", week(range(7), (0, 1440))),
    ),
    policies=tuple(
        replace(policy, calendar_id="new_york_always") if policy.priority == "urgent" else policy
        for policy in _policies(
            "new_york",
            ("first_response", (1440, 720, 240, 60)),
            ("next_response", (1440, 720, 360, 120)),
            ("resolution", (4320, 2880, 1440, 1440)),
        )
    ),
)
#: From this day on Lord Howe promises a faster first response.
_FASTER_FROM = date(2026, 10, 15)
_LORD_HOWE = Tenant(
    tenant_id="southern",
    timezone="Australia/Lord_Howe",
    currency="AUD",
    human_costs=(Period(date(2026, 10, 15), "7.00"),),
    platform_fees=(Period(_ALWAYS, "450.00"),),
    sites={"au": 1.0},
    rosters=((7, 15), (15, 23), (19, 27)),
    calendars=(
        Calendar(
            "lord_howe",
            "Australia/Lord_Howe",
            week(range(6), (420, 720), (1200, 240)),
            # Labour Day.
            _movable(10, _MONDAY, 1),
        ),
    ),
    policies=(
        *(
            replace(policy, valid_to=_FASTER_FROM)
            for policy in _policies("lord_howe", ("first_response", (400, 200, 100, 50)))
        ),
        *(
            replace(policy, valid_from=_FASTER_FROM)
            for policy in _policies("lord_howe", ("first_response", (300, 150, 80, 40)))
        ),
        *_policies("lord_howe", ("resolution", (2400, 1800, 900, 300))),
    ),
)

TENANTS = (_SHANGHAI, _BERLIN, _NEW_YORK, _LORD_HOWE)
