"""Stories of tickets: how long they took, by the clock on the wall and by the desk's own time."""

from ..world.calendar import Calendar, Policy, week
from .story import story
from .teller import Teller

_NIGHT_DESK = Calendar("night_desk", "Europe/Berlin", week(range(7), (1320, 360)))
_OFFICE = Calendar("office", "Asia/Shanghai", week(range(5), (540, 1080)))
_ALWAYS = Calendar("always", "Asia/Shanghai", week(range(7), (0, 1440)))


@story(calendars=(_ALWAYS,), policies=(Policy("resolution", "normal", 120, "always"),))
def solved_reopened_solved(tell: Teller) -> None:
    """Created at 09:00, answered at 09:10, solved at 10:00, reopened at 11:00, solved at 11:30, closed at 12:00.

    The ticket is resolved when it was solved for the last time: 2.5 hours after its creation. Two hours were promised,
    and one and a half are counted: not the time while it was solved.

    `fct_tickets`

    | ticket_id | status | reopenings_count | first_response_seconds | resolution_seconds | closing_seconds |
    |---|---|---|---|---|---|
    | t1 | closed | 1 | 600 | 9000 | 10800 |

    `ticket_resolution_monthly`

    | month | closed_tickets_count | avg_resolution_hours | sla_attainment_rate |
    |---|---|---|---|
    | 2026-10-01 | 1 | 2.5 | 1 |
    """
    ticket = tell.ticket("t1", at="2026-10-05 09:00:00")
    tell.after(minutes=10)
    ticket.move("open", "a1")
    ticket.reply("a1")
    tell.at("2026-10-05 10:00:00")
    ticket.move("solved", "a1")
    tell.at("2026-10-05 11:00:00")
    ticket.hear()
    ticket.move("open")
    tell.at("2026-10-05 11:30:00")
    ticket.move("solved", "a1")
    tell.at("2026-10-05 12:00:00")
    ticket.move("closed")
    ticket.close(2.5, sla_met=True)


@story()
def a_note_is_no_response(tell: Teller) -> None:
    """An internal note after 5 minutes is no response; the agent who took the ticket out of `new` after 20 is one.

    As soon as there is a public reply, it is the response, although it came later: after 40 minutes.

    `fct_tickets`

    | ticket_id | first_response_seconds | status |
    |---|---|---|
    | noted | 1200 | open |
    | replied | 2400 | open |
    """
    for ticket_id, hour in (("noted", 9), ("replied", 14)):
        ticket = tell.ticket(ticket_id, at=f"2026-10-05 {hour:02d}:00:00")
        tell.after(minutes=5)
        ticket.reply("a1", is_public=False)
        tell.after(minutes=15)
        ticket.move("open", "a1")
        if ticket_id == "replied":
            tell.after(minutes=20)
            ticket.reply("a1")


@story(
    timezone="Europe/Berlin",
    calendars=(_NIGHT_DESK,),
    policies=(Policy("resolution", "normal", 480, "night_desk"),),
)
def ticket_over_dst_night(tell: Teller) -> None:
    """The night desk of Berlin is open from 22:00 to 06:00. In the night to October 25th the clocks go back at 03:00.

    A ticket from 21:00 to 07:00 by the clock on the wall takes 11 hours, and the desk was open for 9 of them: 32,400
    seconds. It promised 8, so the promise was broken when the eighth hour was full: 22:00 CEST + 8 h = 05:00 CET.

    `fct_tickets`

    | ticket_id | created_date | resolution_seconds |
    |---|---|---|
    | t1 | 2026-10-24 | 39600 |

    `fct_ticket_sla`

    | metric | elapsed_business_seconds | elapsed_calendar_seconds | target_seconds | sla_status | breached_at |
    |---|---|---|---|---|---|
    | resolution | 32400 | 39600 | 28800 | breached | 2026-10-25T04:00:00Z |
    """
    ticket = tell.ticket("t1", at="2026-10-24 21:00:00")
    tell.at("2026-10-25 07:00:00")
    ticket.move("solved", "a1")


@story(
    calendars=(_OFFICE,),
    policies=(Policy("resolution", "normal", 120, "office", pausing=("pending", "on_hold")),),
)
def waiting_for_the_customer_stops_the_clock(tell: Teller) -> None:
    """Friday 17:00 to Monday 10:00, office hours 9 to 18: one hour on Friday, one on Monday, less the waiting.

    The customer is asked on Friday at 17:30 and answers on Monday at 09:30. 30 + 30 minutes count: 3,600 of the 7,200
    seconds that were promised.

    `fct_ticket_sla`

    | ticket_id | metric | elapsed_business_seconds | sla_status |
    |---|---|---|---|
    | t1 | resolution | 3600 | met |
    """
    ticket = tell.ticket("t1", at="2026-10-09 17:00:00")
    tell.at("2026-10-09 17:30:00")
    ticket.move("pending", "a1")
    tell.at("2026-10-12 09:30:00")
    ticket.hear()
    ticket.move("open")
    tell.at("2026-10-12 10:00:00")
    ticket.move("solved", "a1")


@story(
    calendars=(_ALWAYS,),
    policies=(
        Policy("resolution", "normal", 480, "always"),
        Policy("resolution", "urgent", 60, "always"),
    ),
)
def made_urgent_too_late(tell: Teller) -> None:
    """Eight hours were promised; after two the ticket becomes urgent, which promises one: the promise breaks at once.

    `fct_ticket_sla`

    | ticket_id | metric | target_seconds | elapsed_business_seconds | sla_status | breached_at |
    |---|---|---|---|---|---|
    | t1 | resolution | 3600 | 9000 | breached | 2026-10-05T03:00:00Z |
    """
    ticket = tell.ticket("t1", at="2026-10-05 09:00:00")
    tell.after(hours=2)
    ticket.prioritise("urgent", "a1")
    tell.after(minutes=30)
    ticket.move("solved", "a1")


@story(
    calendars=(_ALWAYS,),
    policies=(Policy("next_response", "normal", 60, "always"),),
)
def thanks_for_a_solved_ticket(tell: Teller) -> None:
    """Answered at 09:10, solved at 10:00. At 10:05 the customer writes, to say thanks or that it is not solved.

    Ticket `thanks`: nothing more happens. Nobody waits for an answer, so no clock runs that would break its promise.
    Ticket `objection`: it is reopened at 11:00. From then on the customer waits, not from 10:05 on; answered at 11:45,
    45 of 60 minutes.

    `fct_ticket_sla`

    | ticket_id | metric | started_at | elapsed_business_seconds | sla_status |
    |---|---|---|---|---|
    | objection | next_response | 2026-10-06T03:00:00Z | 2700 | met |
    """
    for ticket_id, day in (("thanks", 5), ("objection", 6)):
        ticket = tell.ticket(ticket_id, at=f"2026-10-{day:02d} 09:00:00")
        tell.after(minutes=10)
        ticket.reply("a1")
        tell.at(f"2026-10-{day:02d} 10:00:00")
        ticket.move("solved", "a1")
        tell.after(minutes=5)
        ticket.hear()
    tell.at("2026-10-06 11:00:00")
    ticket.move("open")
    tell.after(minutes=45)
    ticket.reply("a1")
