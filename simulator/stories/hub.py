"""Stories of the customer hub: who has to write next."""

from .story import story
from .teller import Teller


@story()
def half_an_hour_without_a_reply(tell: Teller) -> None:
    """It is midnight. Who wrote at 23:30 and waits for 30 minutes needs a reply, a second more is overdue.

    A thread that we answered waits for them; 48 hours after our last message it is our turn again.

    `fct_threads`

    | thread_id | status | last_speaker | sla_at | follow_up_at |
    |---|---|---|---|---|
    | just_in_time | NEED_REPLY | them | 2026-11-14T16:00:00Z | |
    | too_late | OVERDUE | them | 2026-11-14T15:59:59Z | |
    | answered | WAITING_THEM | me | | 2026-11-14T16:00:00Z |
    | follow_up | NEED_REPLY | me | | 2026-11-14T15:59:59Z |
    """
    for thread_id, at, speaker in (
        ("just_in_time", "2026-11-14 23:30:00", "them"),
        ("too_late", "2026-11-14 23:29:59", "them"),
        ("answered", "2026-11-13 00:00:00", "me"),
        ("follow_up", "2026-11-12 23:59:59", "me"),
    ):
        tell.thread(thread_id, at).say("me" if speaker == "me" else "them")


@story()
def a_mark_holds_until_the_next_message(tell: Teller) -> None:
    """A resolved thread stays resolved however long it is silent; the next message opens it again.

    A snooze ends at its time: then the thread is what it would be without it.

    `fct_threads`

    | thread_id | status | last_speaker |
    |---|---|---|
    | resolved | RESOLVED | them |
    | wrote_again | OVERDUE | them |
    | snoozed | SNOOZED | them |
    | woken | OVERDUE | them |
    """
    for thread_id in ("resolved", "wrote_again"):
        thread = tell.thread(thread_id, "2026-11-10 10:00:00")
        thread.say("them")
        tell.after(60)
        thread.resolve()
    tell.after(hours=1)
    thread.say("them")
    for thread_id, hours in (("snoozed", 120), ("woken", 24)):
        thread = tell.thread(thread_id, "2026-11-10 10:00:00")
        thread.say("them")
        tell.after(60)
        thread.snooze(tell.world.now + hours * 3600)


@story()
def two_messages_one_reply(tell: Teller) -> None:
    """They write at 10:00 and again at 10:05, we answer at 10:12; they write at 11:00, we answer at 11:04.

    The first reply took 12 minutes, counted from the first of the two messages; the replies took 8 on average.

    `fct_threads`

    | thread_id | messages_count | replies_count | first_reply_seconds | avg_reply_seconds |
    |---|---|---|---|---|
    | h1 | 5 | 2 | 720 | 480 |
    """
    thread = tell.thread("h1", "2026-10-05 09:59:00")
    for clock, speaker in (("10:00", "them"), ("10:05", "them"), ("10:12", "me"), ("11:00", "them"), ("11:04", "me")):
        tell.at(f"2026-10-05 {clock}:00")
        thread.say("me" if speaker == "me" else "them")
