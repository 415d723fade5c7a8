"""The truth of tickets: each expected value is worked out by hand.

Desks begin at midnight in Shanghai on Monday, October 5th; ``e1``, ``e2`` … are the lines as they are written.
"""

from datetime import date

from simulator.truth.tickets import TicketBook
from tests.simulator.truth.rows import some
from tests.simulator.truth.tickets.promises import RESOLUTION


def test_a_ticket_has_its_milestones_state_and_claims(desk):
    help_desk = desk(TicketBook)
    ticket = help_desk.ticket(9, customer_id="c7", session_id="s7")
    help_desk.at(9.25)
    ticket.assign("a1")
    help_desk.at(9.5)
    ticket.assign("a2", before="a1")
    ticket.reply("a2", is_public=False)
    ticket.move("open", "a2")
    ticket.prioritise("high")
    help_desk.at(9.75)
    ticket.reply("a2")
    help_desk.at(12)
    ticket.move("solved", "a2")
    help_desk.at(30)
    ticket.move("closed")
    ticket.close(3.5, sla_met=True)
    (row,) = help_desk.rows("fct_tickets")
    assert list(row.values()) == [
        "default",
        "t1",
        "e1",
        "e10",
        "s7",
        "c7",
        "a2",
        "2026-10-05",
        "2026-10-06",
        "2026-10-05T01:00:00.000000Z",
        "2026-10-05T01:15:00.000000Z",
        "2026-10-05T01:45:00.000000Z",
        "2026-10-05T04:00:00.000000Z",
        "2026-10-05T22:00:00.000000Z",
        "email",
        "delivery",
        "high",
        "closed",
        "true",
        "0",
        "2700.000000",
        "10800.000000",
        "75600.000000",
        "3.5",
        # Nothing was promised.
        "",
        # A note, a reply and two changes of status; the priority changed by itself.
        "4",
        "1",
        "0",
        "2",
        "",
        # Half an hour new, 2.5 open, 18 solved; without a promise no calendar says what of it was business time.
        *("1800.000000", "", "9000.000000", "", "0.000000", "", "0.000000", "", "64800.000000", "", "0.000000", ""),
    ]


def test_a_reopened_ticket_is_neither_solved_nor_closed(desk):
    help_desk = desk(TicketBook)
    ticket = help_desk.ticket()
    for hours, state in ((10, "solved"), (11, "closed"), (12, "open")):
        help_desk.at(hours)
        ticket.move(state)
    (row,) = help_desk.rows("fct_tickets")
    columns = ("status", "reopenings_count", "solved_at", "closed_at", "closed_date", "resolution_seconds")
    assert some(row, *columns) == ("open", "1", "", "", "", "")
    # An hour of each; what goes on since then is another state.
    assert some(row, "solved_seconds", "closed_seconds") == ("3600.000000", "3600.000000")


def test_a_milestone_that_is_dated_before_the_creation_counts_as_at_the_creation(desk):
    help_desk = desk(TicketBook)
    ticket = help_desk.ticket(9.0)
    for step in (lambda: ticket.assign("a1"), lambda: ticket.reply("a1"), lambda: ticket.move("solved", "a1")):
        help_desk.at(8.0)
        step()
    (row,) = help_desk.rows("fct_tickets")
    milestones = ("created_at", "first_assigned_at", "first_response_at", "solved_at")
    assert some(row, *milestones) == ("2026-10-05T01:00:00.000000Z",) * 4
    assert some(row, "first_response_seconds", "resolution_seconds") == ("0.000000", "0.000000")


def test_closed_after_a_reopening_without_being_solved_again_it_is_resolved_by_the_closing(desk):
    help_desk = desk(TicketBook)
    ticket = help_desk.ticket()
    for hours, state in ((10, "solved"), (11, "open"), (12, "closed")):
        help_desk.at(hours)
        ticket.move(state)
    (row,) = help_desk.rows("fct_tickets")
    assert some(row, "resolution_seconds", "closing_seconds", "closed_event_id") == (
        "10800.000000",
        "10800.000000",
        "",
    )


def test_a_ticket_taken_out_of_new_by_itself_has_no_response(desk):
    help_desk = desk(TicketBook)
    ticket = help_desk.ticket()
    ticket.hear()
    ticket.move("open")
    (row,) = help_desk.rows("fct_tickets")
    assert some(row, "status", "first_response_seconds") == ("open", "")


def test_without_its_creation_a_ticket_has_a_row_with_what_is_known(desk):
    help_desk = desk(TicketBook)
    ticket = help_desk.ticket(customer_id="c7")
    ticket.assign("a1")
    ticket.prioritise("urgent")
    help_desk.at(10)
    ticket.move("solved", "a1")
    ticket.close(1.0, sla_met=False)
    help_desk.lose(ticket, 0, 1)
    (row,) = help_desk.rows("fct_tickets")
    unknown = (
        "created_event_id",
        "created_at",
        "created_date",
        "customer_id",
        "ticket_type",
        "ticket_source",
        "agent_id",
    )
    assert some(row, *unknown, "resolution_seconds") == ("",) * 8
    assert some(row, "priority", "status", "is_sla_met_reported", "solved_at") == (
        "urgent",
        "closed",
        "false",
        "2026-10-05T02:00:00.000000Z",
    )
    (month,) = help_desk.rows("ticket_resolution_monthly")
    # Closed, but nobody knows after how long.
    assert list(month.values()) == [
        *("default", "2026-10-01", "1", "0", ""),
        *("0", "0", "0", "1", "", "", "0.000000"),
    ]


def test_of_a_ticket_without_any_line_nothing_is_known(desk):
    help_desk = desk(TicketBook)
    help_desk.lose(help_desk.ticket(), 0)
    assert help_desk.rows("fct_tickets") == []


def test_a_month_counts_the_tickets_closed_in_it(desk):
    # October 31st; the second ticket is closed at 1:00 on November 1st.
    help_desk = desk(TicketBook, day=date(2026, 10, 31))
    claims = {"t1": (23, True), "t2": (25, True), "t3": (23, False), "t4": (22, None), "t5": (None, None)}
    tickets = {name: help_desk.ticket(21, ticket_id=name) for name in claims}
    for name, (hours, sla_met) in claims.items():
        if hours:
            help_desk.at(hours)
            tickets[name].close(sla_met=sla_met)
    october, november = help_desk.rows("ticket_resolution_monthly")
    # 2, 2 and 1 hours: 18,000 seconds, 5 / 3 hours on average; met 1 of 2 that say so.
    expected = ["default", "2026-10-01", "3", "3", "18000.000000", "0", "0", "1", "2", "1.666667", "", "0.500000"]
    assert list(october.values()) == expected
    assert list(november.values()) == [
        "default",
        "2026-11-01",
        "1",
        "1",
        "14400.000000",
        "0",
        "0",
        "1",
        "1",
        "4.000000",
        "",
        "1.000000",
    ]
    assert help_desk.book.resolution_months["default", date(2026, 11, 1)]["closed_tickets_count"] == 1


HISTORY = ("attribute", "attribute_value", "started_at", "ended_at", "calendar_seconds", "business_seconds")


def test_the_history_of_a_ticket_has_what_lasted(desk):
    # In the office from 17:00 to 10:00 of the next day: an hour until 18:00, an hour from 9:00 on.
    help_desk = desk(TicketBook, RESOLUTION, as_of=34.0)
    ticket = help_desk.ticket(17.0, priority="normal")
    help_desk.at(17.5)
    ticket.assign("a1")
    ticket.move("open", "a1")
    # For no time at all.
    ticket.move("pending", "a1")
    ticket.move("open", "a1")
    rows = [some(row, *HISTORY) for row in help_desk.rows("fct_ticket_history")]
    at_five, half_past = "2026-10-05T09:00:00.000000Z", "2026-10-05T09:30:00.000000Z"
    assert rows == [
        ("status", "new", at_five, half_past, "1800.000000", "1800.000000"),
        ("status", "open", half_past, "", "59400.000000", "5400.000000"),
        ("priority", "normal", at_five, "", "61200.000000", ""),
        ("agent", "a1", half_past, "", "59400.000000", ""),
    ]


def test_what_a_solved_ticket_is_has_no_length(desk):
    help_desk = desk(TicketBook)
    ticket = help_desk.ticket(9.0)
    help_desk.at(10.0)
    ticket.move("solved", "a1")
    rows = [some(row, "attribute_value", "calendar_seconds") for row in help_desk.rows("fct_ticket_history")]
    assert rows == [("new", "3600.000000"), ("solved", ""), ("normal", "")]


def test_the_backlog_of_a_day_is_what_was_open_at_its_end(desk):
    # Monday's ticket is solved on Thursday and reopened on Friday; that of Tuesday does not see Wednesday.
    help_desk = desk(TicketBook, as_of=5 * 24.0)
    monday, tuesday = help_desk.ticket(9.0), help_desk.ticket(33.0, ticket_id="t2")
    help_desk.at(47.0)
    tuesday.move("solved")
    help_desk.at(80.0)
    monday.move("solved")
    help_desk.at(100.0)
    monday.move("open")
    rows = [some(row, *row)[1:] for row in help_desk.rows("ticket_backlog_daily")]
    assert rows == [
        ("2026-10-05", "1", "1", "0", "0", "0", "0", "0", "true"),
        ("2026-10-06", "1", "0", "1", "0", "0", "0", "0", "true"),
        ("2026-10-07", "1", "0", "1", "0", "0", "0", "0", "true"),
        ("2026-10-08", "0", "0", "0", "0", "0", "0", "0", "true"),
        ("2026-10-09", "1", "0", "0", "1", "0", "0", "0", "false"),
        ("2026-10-10", "1", "0", "0", "1", "0", "0", "0", "false"),
    ]
