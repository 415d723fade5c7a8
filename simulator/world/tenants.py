"""The tenants of the simulated world: four desks with time zones, calendars and promises of their own."""

from datetime import date

from .calendar import Calendar, Policy, week
from .tenant import Period, Tenant

_ALWAYS = date(2000, 1, 1)
_PRIORITIES = ("low", "normal", "high", "urgent")
_PAUSES = ("pending", "on_hold")


def _policies(calendar_id: str, *minutes: tuple[str, tuple[int, int, int, int]]) -> tuple[Policy, ...]:
    """A metric and its targets in minutes from low to urgent; the resolution pauses while others are waited for."""
    return tuple(
        Policy(metric, priority, target, calendar_id, pausing=_PAUSES if metric == "resolution" else ())
        for metric, targets in minutes
        for priority, target in zip(_PRIORITIES, targets, strict=True)
    )


_SHANGHAI = Tenant(
    tenant_id="default",
    timezone="Asia/Shanghai",
    currency="CNY",
    human_costs=(Period(_ALWAYS, "10.00"),),
    platform_fees=(Period(_ALWAYS, "2000.00"),),
    sites={"cn": 0.6, "hk": 0.22, "sg": 0.18},
    rosters=((9, 18), (9, 18), (9, 18), (9, 18), (13, 22), (13, 22), (13, 22), (13, 22)),
    calendars=(
        Calendar(
            "shanghai",
            "Asia/Shanghai",
            week(range(6), (540, 750), (810, 1260)),
            tuple(date(year, 10, day) for year in range(2024, 2030) for day in range(1, 4)),
        ),
    ),
    policies=_policies(
        "shanghai",
        ("first_response", (480, 240, 120, 60)),
        ("next_response", (960, 480, 240, 120)),
        ("resolution", (2880, 1920, 960, 480)),
    ),
)
_BERLIN = Tenant(
    tenant_id="nordwind",
    timezone="Europe/Berlin",
    currency="EUR",
    human_costs=(Period(_ALWAYS, "4.50"), Period(date(2026, 10, 20), "4.80")),
    platform_fees=(Period(_ALWAYS, "550.00"), Period(date(2026, 10, 1), "600.00")),
    sites={"de": 0.7, "at": 0.3},
    rosters=((8, 17), (8, 17), (12, 20), (22, 30)),
    calendars=(
        Calendar(
            "berlin", "Europe/Berlin", week(range(5), (480, 1080)), tuple(date(y, 10, 3) for y in range(2024, 2030))
        ),
        Calendar("berlin_always", "Europe/Berlin", week(range(7), (0, 1440))),
    ),
    policies=(
        *_policies("berlin", ("first_response", (600, 300, 120, 60)), ("next_response", (600, 480, 240, 120)))[:-1],
        Policy("next_response", "urgent", 180, "berlin_always"),
        *_policies("berlin", ("resolution", (3000, 2400, 1200, 600))),
        Policy("resolution", "high", 900, "berlin", ticket_type="complaint", pausing=_PAUSES),
    ),
)
_NEW_YORK = Tenant(
    tenant_id="harbor",
    timezone="America/New_York",
    currency="USD",
    human_costs=(Period(_ALWAYS, "5.25"),),
    platform_fees=(),
    sites={"us": 1.0},
    rosters=((8, 16), (10, 18), (14, 23), (23, 31)),
    calendars=(Calendar("new_york", "America/New_York", week(range(7), (0, 1440)), (date(2026, 11, 26),)),),
    policies=_policies(
        "new_york",
        ("first_response", (1440, 720, 240, 60)),
        ("next_response", (1440, 720, 360, 120)),
        ("resolution", (7200, 4320, 2160, 1440)),
    ),
)
_LORD_HOWE = Tenant(
    tenant_id="southern",
    timezone="Australia/Lord_Howe",
    currency="AUD",
    human_costs=(Period(date(2026, 10, 15), "7.00"),),
    platform_fees=(Period(_ALWAYS, "450.00"),),
    sites={"au": 1.0},
    rosters=((7, 15), (15, 23), (19, 27)),
    calendars=(Calendar("lord_howe", "Australia/Lord_Howe", week(range(6), (420, 720), (1200, 240))),),
    policies=(
        *(
            Policy(policy.metric, policy.priority, policy.target_minutes, "lord_howe", None, policy.pausing,
                   policy.valid_from, date(2026, 10, 15))
            for policy in _policies("lord_howe", ("first_response", (400, 200, 100, 50)))
        ),
        *(
            Policy(policy.metric, policy.priority, policy.target_minutes, "lord_howe", None, policy.pausing,
                   date(2026, 10, 15))
            for policy in _policies("lord_howe", ("first_response", (300, 150, 80, 40)))
        ),
        *_policies("lord_howe", ("resolution", (2400, 1800, 900, 300))),
    ),
)  # fmt: skip

TENANTS = (_SHANGHAI, _BERLIN, _NEW_YORK, _LORD_HOWE)
