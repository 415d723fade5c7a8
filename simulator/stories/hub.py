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


@story()
def a_day_of_the_hub(tell: Teller) -> None:
    """A Saturday, on which two keywords and a match in the knowledge base score 20 + 20 + 20 + 4 = 64: gray.

    - `quick` writes at 9:00, we reply at 9:20: in time; in the pool until then.
    - `slow` writes at 10:00, we reply at 10:50: overdue since 10:30; in the pool until 10:50.
    - `promoted` writes at 18:00, becomes a customer at 18:10, no reply: overdue since 18:30; in the pool until 18:10.
    - `evening` writes at 19:50, we reply at 20:10: in time; in the pool at 20:00.
    - `white` writes at 12:00 with a third keyword (84), a trigger is fired and used, it is resolved at 12:10: in time.
    - `black` writes "hello" at 11:00 (4 points), a trigger is fired, we reply at 11:05: counts nowhere.

    Of the four in the pool three are cleared by 20:00. The replies took 20, 50 and 20 minutes: 90 / 3 = 30. Of the five
    that waited two became overdue.

    `hub_daily_metrics`

    | metric_date | metric | numerator | denominator | figure | target | is_target_met |
    |---|---|---|---|---|---|---|
    | 2026-11-14 | pool_threads | 1 | | 1 | | |
    | 2026-11-14 | pool_clear_rate | 3 | 4 | 0.75 | 0.95 | false |
    | 2026-11-14 | avg_reply_minutes | 90 | 3 | 30 | 30 | true |
    | 2026-11-14 | overdue_rate | 2 | 5 | 0.4 | 0.05 | false |
    | 2026-11-14 | promoted_contacts | 1 | | 1 | | |
    | 2026-11-14 | pre_sales_triggers_fired | 1 | | 1 | | |
    | 2026-11-14 | pre_sales_triggers_used | 1 | | 1 | | |
    | 2026-11-14 | after_sales_triggers_fired | 0 | | 0 | | |
    | 2026-11-14 | after_sales_triggers_used | 0 | | 0 | | |
    | 2026-11-14 | bizdev_triggers_fired | 0 | | 0 | | |
    | 2026-11-14 | bizdev_triggers_used | 0 | | 0 | | |

    `dim_contacts`

    | bucket | is_promoted | best_score |
    |---|---|---|
    | GRAY | false | 64 |
    | GRAY | false | 64 |
    | WHITE | true | 64 |
    | GRAY | false | 64 |
    | WHITE | false | 84 |
    | BLACK | false | 4 |
    """
    promising = ["price", "quote"]
    for thread_id, asked, replied in (
        ("quick", "09:00", "09:20"),
        ("slow", "10:00", "10:50"),
        ("promoted", "18:00", None),
        ("evening", "19:50", "20:10"),
    ):
        thread = tell.thread(thread_id, f"2026-11-14 {asked}:00")
        thread.say("them", keyword_hits=promising, kb_matched=True)
        if replied is None:
            tell.after(minutes=10)
            thread.contact.promote("K1")
        else:
            tell.at(f"2026-11-14 {replied}:00")
            thread.say("me")
    white = tell.thread("white", "2026-11-14 12:00:00")
    white.say("them", keyword_hits=[*promising, "报价"], kb_matched=True)
    white.fire("t1", "pre_sales")
    white.use("t1")
    tell.after(minutes=10)
    white.resolve()
    black = tell.thread("black", "2026-11-14 11:00:00")
    black.say("them")
    black.fire("t2", "after_sales")
    tell.after(minutes=5)
    black.say("me")


@story()
def once_a_customer_always_a_customer(tell: Teller) -> None:
    """A block makes a thread black, whatever it scored; a promotion makes it white, also after a block.

    A blacklisted word makes its message worth nothing, and leaves what was said before: 64 on a Saturday, and gray.

    `fct_threads`

    | thread_id | best_score | bucket | is_promoted | is_blocked |
    |---|---|---|---|---|
    | blocked | 84 | BLACK | false | true |
    | promoted_later | 84 | WHITE | true | true |
    | blacklisted | 64 | GRAY | false | false |
    | only_spam | 0 | BLACK | false | false |

    `fct_hub_messages`

    | thread_id | score | bucket | trigger_type |
    |---|---|---|---|
    | blocked | 84 | WHITE | pre_sales |
    | promoted_later | 84 | WHITE | pre_sales |
    | blacklisted | 64 | GRAY | pre_sales |
    | blacklisted | 0 | BLACK | pre_sales |
    | only_spam | 0 | BLACK | |
    """
    promising = ["price", "quote"]
    for thread_id in ("blocked", "promoted_later"):
        thread = tell.thread(thread_id, "2026-11-14 09:00:00")
        thread.say("them", keyword_hits=[*promising, "报价"], kb_matched=True)
        tell.after(minutes=1)
        thread.contact.block()
    tell.after(minutes=1)
    thread.contact.promote("K2")
    thread = tell.thread("blacklisted", "2026-11-14 10:00:00")
    thread.say("them", keyword_hits=promising, kb_matched=True)
    thread.say("them", keyword_hits=[*promising, "loan"], kb_matched=True)
    tell.thread("only_spam", "2026-11-14 10:00:00").say("them", keyword_hits=["lottery"])
