"""The truth of the promises whose target changes while their clock runs: each expected value is worked out by hand.

Desks begin as in ``test_truth_of_sla.py``.
"""

from dataclasses import replace

from simulator.truth.sla import SlaBook
from tests.simulator.truth.rows import some
from tests.simulator.truth.tickets.promises import RESOLUTION, URGENT


def test_a_lower_target_can_breach_at_once_and_goes_on_by_its_own_calendar(desk):
    help_desk = desk(SlaBook, RESOLUTION, URGENT)
    ticket = help_desk.ticket(16.5)
    help_desk.at(20)
    ticket.prioritise("urgent")
    help_desk.at(20.5)
    ticket.move("solved", "a1")
    (clock,) = help_desk.rows("fct_ticket_sla")
    # 90 minutes until 18:00 exceed 60 when they are the target at 20:00; 30 more by the calendar that never closes.
    columns = ("target_seconds", "elapsed_business_seconds", "sla_status", "breached_at", "deadline_at")
    assert some(clock, *columns) == (
        "3600.000000",
        "7200.000000",
        "breached",
        "2026-10-05T12:00:00.000000Z",
        "2026-10-05T09:30:00.000000Z",
    )
    columns = ("reason", "priority", "calendar_id", "calendar_seconds", "business_seconds")
    assert [some(row, *columns) for row in help_desk.rows("fct_ticket_sla_segments")] == [
        ("started", "normal", "office", "12600.000000", "5400.000000"),
        ("priority_changed", "urgent", "always", "1800.000000", "1800.000000"),
    ]


def test_a_lower_target_breaches_at_once_while_the_clock_is_paused(desk):
    help_desk = desk(SlaBook, RESOLUTION, URGENT)
    ticket = help_desk.ticket(9)
    help_desk.at(10.25)
    ticket.move("pending", "a1")
    help_desk.at(11)
    ticket.prioritise("urgent")
    (clock,) = help_desk.rows("fct_ticket_sla")
    assert some(clock, "sla_status", "breached_at", "deadline_at", "remaining_seconds") == (
        "breached",
        "2026-10-05T03:00:00.000000Z",
        "2026-10-05T02:00:00.000000Z",
        "-900.000000",
    )


def test_a_lower_target_that_is_just_used_up_breaches_with_the_next_business_time(desk):
    help_desk = desk(SlaBook, RESOLUTION, replace(URGENT, calendar_id="office"))
    ticket = help_desk.ticket(17)
    help_desk.at(20)
    ticket.prioritise("urgent")
    help_desk.at(34)
    ticket.move("solved", "a1")
    (clock,) = help_desk.rows("fct_ticket_sla")
    assert some(clock, "breached_at", "deadline_at") == (
        "2026-10-06T01:00:00.000000Z",
        "2026-10-05T10:00:00.000000Z",
    )


def test_a_breach_stays_when_the_target_is_raised(desk):
    help_desk = desk(SlaBook, RESOLUTION, URGENT)
    ticket = help_desk.ticket(9, priority="urgent")
    help_desk.at(10.5)
    ticket.prioritise("normal")
    help_desk.at(10.75)
    ticket.move("solved", "a1")
    (clock,) = help_desk.rows("fct_ticket_sla")
    columns = ("target_seconds", "elapsed_business_seconds", "sla_status", "breached_at", "deadline_at")
    assert some(clock, *columns) == (
        "7200.000000",
        "6300.000000",
        "breached",
        "2026-10-05T02:00:00.000000Z",
        "2026-10-05T03:00:00.000000Z",
    )


def test_a_priority_without_a_policy_lets_the_clock_stand_still(desk):
    help_desk = desk(SlaBook, RESOLUTION)
    ticket = help_desk.ticket(9, priority="low")
    for hours, priority in ((10, "normal"), (11, "low"), (12, "normal")):
        help_desk.at(hours)
        ticket.prioritise(priority)
    help_desk.at(12.5)
    ticket.move("solved", "a1")
    (clock,) = help_desk.rows("fct_ticket_sla")
    assert some(clock, "target_seconds", "elapsed_business_seconds", "sla_status") == (
        "7200.000000",
        "5400.000000",
        "met",
    )
    segments = [some(row, "reason", "calendar_id") for row in help_desk.rows("fct_ticket_sla_segments")]
    assert segments == [("no_policy", ""), ("resumed", "office"), ("no_policy", ""), ("resumed", "office")]
