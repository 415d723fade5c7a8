"""The calendars, promises and teams of a world, as the warehouse's parameters, and that all of it is in force."""

import csv
from dataclasses import replace
from datetime import date, timedelta

import pytest

from simulator.world.tenants import TENANTS
from simulator.writing.promises import write_promises

#: The days of the worlds that the warehouse's tests play.
FIRST_DAY, DAYS = date(2026, 9, 28), 36


@pytest.fixture(scope="module")
def promises(tmp_path_factory):
    """The tables of all tenants' promises, as rows of text."""
    folder = tmp_path_factory.mktemp("promises")
    write_promises(folder, TENANTS)
    tables = {}
    for path in folder.iterdir():
        with path.open(encoding="utf-8", newline="") as file:
            tables[path.stem] = list(csv.reader(file))
    return tables


def _of(promises, name, tenant_id):
    return [row[1:] for row in promises[name] if row[0] == tenant_id]


def test_business_hours_are_told_by_weekday_on_the_wall_clock(promises):
    columns = ["tenant_id", "calendar_id", "timezone", "weekday", "opens", "closes", "valid_from", "valid_to"]
    assert promises["business_calendars"][0] == columns
    since = ["2000-01-01", ""]
    always = [["new_york_always", "America/New_York", str(day), "00:00", "24:00", *since] for day in range(1, 8)]
    assert _of(promises, "business_calendars", "harbor") == [
        *(
            ["new_york", "America/New_York", str(day), *span, *since]
            for day in range(1, 6)
            for span in (("08:00", "12:00"), ("13:00", "20:00"))
        ),
        ["new_york", "America/New_York", "6", "10:00", "16:00", *since],
        *always,
    ]
    saturday = [row for row in _of(promises, "business_calendars", "southern") if row[2] == "6"]
    assert saturday == [
        ["lord_howe", "Australia/Lord_Howe", "6", "07:00", "12:00", *since],
        ["lord_howe", "Australia/Lord_Howe", "6", "20:00", "04:00", *since],
    ]


def test_holidays_are_told_by_calendar_and_date(promises):
    assert promises["holidays"][0] == ["tenant_id", "calendar_id", "holiday"]
    in_2026 = [row for row in promises["holidays"] if row[2].startswith("2026")]
    assert in_2026 == [
        ["default", "shanghai", "2026-10-01"],
        ["default", "shanghai", "2026-10-02"],
        ["default", "shanghai", "2026-10-03"],
        ["nordwind", "berlin", "2026-10-03"],
        ["nordwind", "berlin", "2026-10-30"],
        ["harbor", "new_york", "2026-10-12"],
        ["harbor", "new_york", "2026-11-26"],
        ["southern", "lord_howe", "2026-10-05"],
    ]


def test_promises_are_told_with_their_type_priority_calendar_and_time(promises):
    assert ",".join(promises["sla_policies"][0]) == (
        "tenant_id,metric,ticket_type,priority,valid_from,valid_to,target_minutes,calendar_id,pausing_statuses"
    )
    first, complaint = _of(promises, "sla_policies", "nordwind")[0], _of(promises, "sla_policies", "nordwind")[-1]
    assert first == ["first_response", "", "low", "2000-01-01", "", "600", "berlin", "none"]
    assert complaint == ["resolution", "complaint", "high", "2000-01-01", "", "900", "berlin", "pending on_hold"]
    faster = [row for row in _of(promises, "sla_policies", "southern") if row[2] == "urgent" and row[0] != "resolution"]
    assert faster == [
        ["first_response", "", "urgent", "2000-01-01", "2026-10-15", "50", "lord_howe", "none"],
        ["first_response", "", "urgent", "2026-10-15", "", "40", "lord_howe", "none"],
    ]


@pytest.mark.parametrize("tenant", TENANTS, ids=lambda tenant: tenant.tenant_id)
def test_each_tenant_has_a_holiday_that_closes_an_open_day_of_a_promise(tenant):
    promised = {policy.calendar_id for policy in tenant.policies}
    days = [FIRST_DAY + timedelta(days=number) for number in range(DAYS)]
    closed = [
        day
        for calendar in tenant.calendars
        if calendar.calendar_id in promised
        for day in set(days) & set(calendar.holidays)
        if _is_open_on(replace(calendar, holidays=()), day) and not _is_open_on(calendar, day)
    ]
    assert closed


def _is_open_on(calendar, day):
    """Whether it opens in the daytime: what is left of the evening before ends earlier."""
    return any(calendar.minutes_of(day)[6 * 60 : 20 * 60])


def test_some_tenant_opens_twice_a_day_some_over_midnight_and_some_always():
    hours = [set(calendar.hours) for tenant in TENANTS for calendar in tenant.calendars]
    assert any(each.is_over_midnight for several in hours for each in several)
    assert any((each.opens, each.closes) == (0, 1440) for several in hours for each in several)
    mondays = [[each for each in several if each.weekday == 0] for several in hours]
    assert max(map(len, mondays)) > 1


def test_a_calendar_may_change_at_a_date(promises):
    assert [row for row in _of(promises, "business_calendars", "nordwind") if row[2] == "1"][:2] == [
        ["berlin", "Europe/Berlin", "1", "08:00", "18:00", "2000-01-01", "2026-10-06"],
        ["berlin", "Europe/Berlin", "1", "08:00", "17:00", "2026-10-06", ""],
    ]


def test_agents_are_told_with_their_team_and_time(promises):
    assert _of(promises, "agent_teams", "nordwind") == [
        ["a-01", "day", "2000-01-01", ""],
        ["a-02", "day", "2000-01-01", "2026-10-06"],
        ["a-02", "evening", "2026-10-06", ""],
        ["a-03", "evening", "2000-01-01", ""],
    ]
