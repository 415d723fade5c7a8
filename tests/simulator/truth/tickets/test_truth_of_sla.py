"""The truth of the promises to customers: each expected value is worked out by hand.

Desks begin at midnight in Shanghai on Monday, October 5th. The office is open on weekdays from 9:00 to 18:00, but not
on Wednesday.
"""

from dataclasses import replace
from datetime import date

import pytest

from simulator.truth.sla import SlaBook
from simulator.world.calendar import Calendar, Policy, week
from simulator.world.tenants import TENANTS
from tests.simulator.truth.rows import some
from tests.simulator.truth.tickets.promises import NEXT, RESOLUTION, RESPONSE, URGENT

HOUR = 3600.0


def test_a_clock_runs_in_business_time_and_pauses_while_others_are_waited_for(desk):
    # Tuesday 17:30 to Thursday 9:45; Wednesday is a holiday. 20 minutes on Tuesday, then pending until Thursday 9:15.
    help_desk = desk(SlaBook, RESOLUTION)
    ticket = help_desk.ticket(41.5)
    help_desk.at(41.5 + 20 / 60)
    ticket.move("pending", "a1")
    help_desk.at(81.25)
    ticket.move("open", "a1")
    help_desk.at(81.75)
    ticket.move("solved", "a1")
    ticket.close(sla_met=False)
    (clock,) = help_desk.rows("fct_ticket_sla")
    assert list(clock.values()) == [
        "default",
        "t1",
        "resolution",
        "1",
        *("2026-10-06", "delivery", "normal", "", ""),
        "2026-10-06T09:30:00.000000Z",
        "2026-10-08T01:45:00.000000Z",
        "7200.000000",
        "3000.000000",
        "3000.000000",
        # 70 minutes are left at 9:45.
        "2026-10-08T02:55:00.000000Z",
        "met",
        "",
        "",
        # The claim is wrong.
        *("false", "false"),
    ]
    columns = ("segment_number", "segment_type", "reason", "calendar_seconds", "business_seconds")
    assert [some(row, *columns) for row in help_desk.rows("fct_ticket_sla_segments")] == [
        ("1", "running", "started", "1200.000000", "1200.000000"),
        ("2", "paused", "pending", "141900.000000", "0.000000"),
        ("3", "running", "resumed", "1800.000000", "1800.000000"),
    ]


def test_a_clock_over_a_weekend_counts_seconds_of_its_first_and_last_minute(desk):
    help_desk = desk(SlaBook, RESOLUTION)
    # Friday 17:59:30.25 to Monday 9:00:00.75.
    ticket = help_desk.ticket(4 * 24 + 17 + 59 / 60 + 30.25 / 3600)
    help_desk.at(7 * 24 + 9 + 0.75 / 3600)
    ticket.move("solved", "a1")
    (clock,) = help_desk.rows("fct_ticket_sla")
    # 29.75 + 0.75; 63 hours and 30.5 seconds on the calendar.
    assert some(clock, "elapsed_business_seconds", "elapsed_calendar_seconds") == ("30.500000", "226830.500000")


@pytest.mark.parametrize(
    ("stopped", "status", "breached_at"),
    [
        (11, "met", ""),
        (11 + 1e-6 / HOUR, "breached", "2026-10-05T03:00:00.000000Z"),
    ],
)
def test_exactly_the_target_is_met_and_a_microsecond_more_is_not(desk, stopped, status, breached_at):
    help_desk = desk(SlaBook, RESOLUTION)
    ticket = help_desk.ticket(9)
    help_desk.at(stopped)
    ticket.move("solved", "a1")
    (clock,) = help_desk.rows("fct_ticket_sla")
    assert some(clock, "sla_status", "breached_at", "deadline_at") == (
        status,
        breached_at,
        "2026-10-05T03:00:00.000000Z",
    )


def test_a_target_used_up_at_closing_time_is_broken_when_the_desk_opens_again(desk):
    help_desk = desk(SlaBook, RESOLUTION)
    ticket = help_desk.ticket(16)
    help_desk.at(33.5)
    ticket.move("solved", "a1")
    (clock,) = help_desk.rows("fct_ticket_sla")
    assert some(clock, "deadline_at", "breached_at", "elapsed_business_seconds") == (
        "2026-10-05T10:00:00.000000Z",
        "2026-10-06T01:00:00.000000Z",
        "9000.000000",
    )


def test_the_first_response_is_the_public_reply_or_else_the_agent_who_took_it_up(desk):
    help_desk = desk(SlaBook, RESPONSE)
    replied, taken_up, left = (help_desk.ticket(ticket_id=name) for name in ("replied", "taken_up", "left"))
    help_desk.at(9.25)
    replied.reply("a1", is_public=False)
    left.move("open")
    for ticket in (replied, taken_up):
        ticket.move("open", "a1")
    help_desk.at(9.75)
    replied.reply("a1")
    rows = {row["ticket_id"]: row for row in help_desk.rows("fct_ticket_sla")}
    assert some(rows["replied"], "elapsed_business_seconds", "sla_status") == ("2700.000000", "met")
    assert some(rows["taken_up"], "elapsed_business_seconds", "sla_status") == ("900.000000", "met")
    # Nobody has answered by now, which is October 15th.
    assert some(rows["left"], "stopped_at", "sla_status", "breached_at") == (
        "",
        "breached",
        "2026-10-05T02:00:00.000000Z",
    )


def test_nobody_waits_for_a_first_response_once_the_ticket_is_solved(desk):
    help_desk = desk(SlaBook, RESPONSE)
    ticket = help_desk.ticket()
    help_desk.at(9.5)
    ticket.move("solved")
    help_desk.at(20)
    ticket.move("open")
    ticket.reply("a1")
    (clock,) = help_desk.rows("fct_ticket_sla")
    assert some(clock, "stopped_at", "sla_status") == ("2026-10-05T01:30:00.000000Z", "met")


def test_each_wait_for_a_next_response_is_an_application_of_its_own(desk):
    help_desk = desk(SlaBook, NEXT)
    ticket = help_desk.ticket()
    ticket.hear()
    for hours, step in (
        (9.25, lambda: ticket.reply("a1")),
        (10, ticket.hear),
        (10.25, ticket.hear),
        (10.5, lambda: ticket.reply("a1", is_public=False)),
        (10.75, lambda: ticket.reply("a1")),
        (11, lambda: ticket.reply("a1")),
        (12, ticket.hear),
        (12.25, lambda: ticket.move("solved", "a1")),
        (13, ticket.hear),
        (13, lambda: ticket.move("open")),
        (13.5, lambda: ticket.move("pending", "a1")),
    ):
        help_desk.at(hours)
        step()
    columns = ("application_number", "started_at", "elapsed_business_seconds", "sla_status")
    rows = [some(row, *columns) for row in help_desk.rows("fct_ticket_sla")]
    assert rows[:2] == [
        # From the first of two unanswered replies; a note among agents is no answer.
        ("1", "2026-10-05T02:00:00.000000Z", "2700.000000", "breached"),
        ("2", "2026-10-05T04:00:00.000000Z", "900.000000", "met"),
    ]
    # The customer came back to a solved ticket; nobody has answered until October 15th, 0:00.
    assert rows[2:] == [("3", "2026-10-05T05:00:00.000000Z", "817200.000000", "breached")]


@pytest.mark.parametrize("later", [(), ("closed",), ("reply",), ("closed", "open")])
def test_nobody_waits_for_an_answer_to_thanks_for_a_solved_ticket(desk, later):
    help_desk = desk(SlaBook, NEXT)
    ticket = help_desk.ticket()
    ticket.reply("a1")
    ticket.move("solved", "a1")
    help_desk.at(10)
    ticket.hear()
    for hours, what in enumerate(later, start=11):
        help_desk.at(hours)
        ticket.reply("a1") if what == "reply" else ticket.move(what)
    assert help_desk.rows("fct_ticket_sla") == []


def test_who_writes_about_a_solved_ticket_waits_from_its_reopening_on(desk):
    help_desk = desk(SlaBook, NEXT)
    ticket = help_desk.ticket()
    ticket.reply("a1")
    ticket.move("solved", "a1")
    for hours, step in (
        (10, ticket.hear),
        (12, lambda: ticket.move("open")),
        (12.25, lambda: ticket.reply("a1")),
    ):
        help_desk.at(hours)
        step()
    (clock,) = help_desk.rows("fct_ticket_sla")
    assert some(clock, "started_at", "elapsed_business_seconds", "sla_status") == (
        "2026-10-05T04:00:00.000000Z",
        "900.000000",
        "met",
    )


def test_a_reopened_ticket_goes_on_with_what_has_elapsed(desk):
    help_desk = desk(SlaBook, RESOLUTION)
    ticket = help_desk.ticket(9)
    for hours, state in ((10, "solved"), (13, "closed"), (14, "open"), (14.5, "solved"), (15, "closed")):
        help_desk.at(hours)
        ticket.move(state)
    (clock,) = help_desk.rows("fct_ticket_sla")
    # 9 to 10 and 14 to 14:30; then 30 of 120 minutes are left.
    assert some(clock, "elapsed_business_seconds", "stopped_at", "deadline_at") == (
        "5400.000000",
        "2026-10-05T06:30:00.000000Z",
        "2026-10-05T07:00:00.000000Z",
    )
    assert [row["reason"] for row in help_desk.rows("fct_ticket_sla_segments")] == ["started", "reopened"]


def test_a_stretch_without_length_leaves_no_trace_but_its_reason(desk):
    help_desk = desk(SlaBook, RESOLUTION, URGENT)
    ticket = help_desk.ticket(9)
    ticket.prioritise("urgent")
    help_desk.at(9.25)
    ticket.move("pending")
    ticket.move("open")
    help_desk.at(9.5)
    ticket.move("solved")
    columns = ("reason", "priority", "business_seconds")
    assert [some(row, *columns) for row in help_desk.rows("fct_ticket_sla_segments")] == [
        ("started", "urgent", "900.000000"),
        ("resumed", "urgent", "900.000000"),
    ]


def test_what_is_dated_before_the_creation_counts_as_at_the_creation(desk):
    help_desk = desk(SlaBook, RESPONSE, RESOLUTION)
    help_desk.scene.writer.agents_ahead = 60.0
    ticket = help_desk.ticket(9)
    help_desk.scene.writer.agents_ahead = 0.0
    help_desk.scene.after(30)
    ticket.reply("a1")
    help_desk.at(10)
    ticket.move("solved", "a1")
    response, resolution = help_desk.rows("fct_ticket_sla")
    columns = ("started_at", "stopped_at", "elapsed_business_seconds", "sla_status")
    at = "2026-10-05T01:01:00.000000Z"
    assert some(response, *columns) == (at, at, "0.000000", "met")
    assert some(resolution, *columns) == (at, "2026-10-05T02:00:00.000000Z", "3540.000000", "met")


def test_what_the_ticket_system_claims_is_of_the_resolution(desk):
    help_desk = desk(SlaBook, RESPONSE, RESOLUTION)
    ticket = help_desk.ticket(9)
    for claim in (False, True):
        ticket.close(sla_met=claim)
    claims = {row["metric"]: row["is_sla_met_reported"] for row in help_desk.rows("fct_ticket_sla")}
    assert claims == {"first_response": "", "resolution": "true"}


def test_a_broken_promise_of_a_desk_that_never_opens_stays_broken(desk):
    closed = Calendar("closed", "Asia/Shanghai", ())
    tenant = replace(
        TENANTS[0],
        calendars=(Calendar("always", "Asia/Shanghai", week(range(7), (0, 1440))), closed),
        policies=(replace(RESOLUTION, calendar_id="always"), replace(URGENT, calendar_id="closed")),
    )
    help_desk = desk(SlaBook, tenant=tenant)
    ticket = help_desk.ticket(9)
    help_desk.at(11)
    ticket.prioritise("urgent")
    (clock,) = help_desk.rows("fct_ticket_sla")
    columns = ("sla_status", "breached_at", "elapsed_business_seconds")
    assert some(clock, *columns) == ("breached", "2026-10-05T03:00:00.000000Z", "7200.000000")


def test_a_running_clock_has_a_deadline_and_what_remains(desk):
    help_desk = desk(SlaBook, RESOLUTION, as_of=17.5)
    help_desk.ticket(17)
    (clock,) = help_desk.rows("fct_ticket_sla")
    # 60 minutes on Monday, 60 on Tuesday; 30 are gone by now.
    assert some(clock, "sla_status", "deadline_at", "remaining_seconds", "stopped_at") == (
        "running",
        "2026-10-06T02:00:00.000000Z",
        "5400.000000",
        "",
    )


def test_a_paused_clock_is_due_as_if_it_went_on_now(desk):
    help_desk = desk(SlaBook, RESOLUTION, as_of=17.5)
    ticket = help_desk.ticket(10)
    help_desk.at(11)
    ticket.move("on_hold", "a1")
    (clock,) = help_desk.rows("fct_ticket_sla")
    # An hour is left: half of it today, from 17:30 to 18:00, half of it tomorrow from 9:00 on.
    assert some(clock, "sla_status", "deadline_at", "remaining_seconds") == (
        "paused",
        "2026-10-06T01:30:00.000000Z",
        "3600.000000",
    )


def test_a_breached_clock_that_pauses_keeps_its_deadline_and_owes_time(desk):
    help_desk = desk(SlaBook, RESOLUTION, as_of=17.5)
    ticket = help_desk.ticket(10)
    help_desk.at(13)
    ticket.move("pending", "a1")
    (clock,) = help_desk.rows("fct_ticket_sla")
    assert some(clock, "sla_status", "deadline_at", "remaining_seconds") == (
        "breached",
        "2026-10-05T04:00:00.000000Z",
        "-3600.000000",
    )


def test_what_is_not_promised_has_no_row(desk):
    help_desk = desk(SlaBook, RESOLUTION)
    help_desk.ticket(priority="high")
    assert help_desk.rows("fct_ticket_sla") == []


def test_a_policy_for_the_type_goes_before_one_for_all(desk):
    help_desk = desk(SlaBook, RESOLUTION, replace(RESOLUTION, target_minutes=45, ticket_type="complaint"))
    help_desk.ticket(ticket_id="t1", kind="complaint")
    help_desk.ticket(ticket_id="t2", kind="payment")
    assert [row["target_seconds"] for row in help_desk.rows("fct_ticket_sla")] == ["2700.000000", "7200.000000"]


def test_the_policy_of_the_day_on_which_the_clock_started_holds_to_its_end(desk):
    until = replace(RESOLUTION, target_minutes=10, valid_to=date(2026, 10, 6))
    since = replace(RESOLUTION, target_minutes=20, valid_from=date(2026, 10, 6))
    urgent = [
        replace(policy, priority="urgent", target_minutes=policy.target_minutes // 2) for policy in (until, since)
    ]
    help_desk = desk(SlaBook, until, since, *urgent)
    before = help_desk.ticket(24 - 1e-6 / HOUR, ticket_id="before")
    help_desk.ticket(24, ticket_id="after")
    help_desk.at(40)
    before.prioritise("urgent")
    rows = {row["ticket_id"]: row for row in help_desk.rows("fct_ticket_sla")}
    # Monday's promise for urgent tickets, and Tuesday's for normal ones.
    assert (rows["before"]["target_seconds"], rows["after"]["target_seconds"]) == ("300.000000", "1200.000000")
    assert help_desk.rows("fct_ticket_sla_segments")[0]["target_seconds"] == "600.000000"


def test_without_its_creation_a_ticket_has_no_clocks(desk):
    help_desk = desk(SlaBook, RESOLUTION, RESPONSE, NEXT)
    ticket = help_desk.ticket()
    ticket.reply("a1")
    ticket.hear()
    help_desk.lose(ticket, 0)
    assert help_desk.rows("fct_ticket_sla") == []


def test_as_recorded_a_pause_whose_line_was_lost_is_none(desk):
    def told(is_recorded):
        help_desk = desk(SlaBook, RESOLUTION, is_recorded=is_recorded)
        ticket = help_desk.ticket(9)
        for hours, state in ((9.5, "pending"), (10, "open"), (10.5, "solved")):
            help_desk.at(hours)
            ticket.move(state)
        help_desk.lose(ticket, 1)
        (clock,) = help_desk.rows("fct_ticket_sla")
        return clock["elapsed_business_seconds"]

    assert (told(True), told(False)) == ("5400.000000", "3600.000000")


@pytest.mark.parametrize(
    ("zone", "day", "start", "end", "hours"),
    [
        # In autumn the hour from 2:00 to 3:00 comes twice, in spring it is skipped.
        ("Europe/Berlin", date(2026, 10, 24), 21, 30, 9),
        ("Europe/Berlin", date(2026, 3, 28), 21, 30, 7),
        # A night from Sunday to Monday in which nothing changes.
        ("Asia/Shanghai", date(2026, 10, 11), 21, 30, 8),
        # From 23:00 to 2:30, with the hour from 1:00 to 2:00 twice.
        ("America/New_York", date(2026, 10, 31), 23, 26.5, 4.5),
        # The clocks go back by half an hour, and the desk opens at 22:00.
        ("Australia/Lord_Howe", date(2026, 4, 4), 21, 30, 8.5),
    ],
)
def test_a_night_is_as_long_as_it_is(desk, zone, day, start, end, hours):
    nights = Calendar("nights", zone, week(range(7), (1320, 360)))
    policy = Policy("resolution", "normal", 600, "nights")
    tenant = replace(TENANTS[0], timezone=zone, calendars=(nights,), policies=(policy,))
    help_desk = desk(SlaBook, tenant=tenant, day=day)
    ticket = help_desk.ticket(start)
    help_desk.scene.agenda.now = tenant.instant(day, end)
    ticket.move("solved", "a1")
    (clock,) = help_desk.rows("fct_ticket_sla")
    assert float(clock["elapsed_business_seconds"]) == hours * HOUR
