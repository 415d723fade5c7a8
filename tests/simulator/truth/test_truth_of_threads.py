"""The truth of the customer hub: statuses, replies, scores; each expected value is worked out by hand.

Scenes begin at midnight in Shanghai on Monday, October 5th; instants are minutes after it.
"""

from datetime import date

import pytest

from simulator.truth.message_score import bucket, score, trigger_type
from simulator.truth.thread_status import ThreadMemory
from simulator.truth.threads import ThreadBook
from simulator.truth.view import View
from simulator.world.thread import Contact, Message
from tests.simulator.truth.rows import some

MINUTE = 60.0
HOURS, DAY = 60, 1440
MICROSECOND = 1e-6 / MINUTE
MONDAY, FRIDAY, SATURDAY = date(2026, 10, 5), date(2026, 10, 9), date(2026, 10, 10)


class Chat:
    """A thread of a scene, in which things happen so many minutes after midnight."""

    def __init__(self, scene, thread_id="h1"):
        self.scene = scene
        self.contact = Contact(scene.world, f"contact-of-{thread_id}")
        self.thread = scene.world.new_thread(thread_id, self.contact)

    def at(self, minutes):
        self.scene.agenda.now = round(self.scene.begins_at + minutes * MINUTE, 6)
        return self.thread

    def state(self, minutes):
        view = View(self.scene.begins_at + 30 * DAY * MINUTE, is_recorded=True)
        return ThreadMemory(self.thread, view).state(round(self.scene.begins_at + minutes * MINUTE, 6))

    def status(self, minutes):
        state = self.state(minutes)
        return state and state.status


@pytest.fixture
def chat(scene):
    return Chat(scene)


@pytest.fixture
def hub(tmp_path, new_scene, read):
    """``hub()``: a chat whose book can be read: ``rows(table)`` ends the world and closes the book."""

    def make(days=3, is_recorded=True):
        scene = new_scene()
        book = ThreadBook(tmp_path, scene.settings, View(scene.begins_at + days * DAY * MINUTE, is_recorded))
        # The window of the world is that of the settings; the witness is the book.
        scene = new_scene(witness=book)
        chat = Chat(scene)

        def rows(table):
            scene.world.finish_all()
            book.close()
            return read(tmp_path / f"{table}.csv")

        chat.rows = rows
        return chat

    return make


def test_a_thread_has_no_status_before_its_first_message(chat):
    chat.at(5).resolve()
    chat.at(10).say("them")
    assert chat.status(10 - MICROSECOND) is None


def test_they_are_unseen_for_an_instant_then_need_a_reply_and_are_overdue_after_30_minutes(chat):
    chat.at(10).say("them")
    assert [chat.status(minutes) for minutes in (10, 10 + MICROSECOND, 40, 40 + MICROSECOND)] == [
        "UNSEEN",
        "NEED_REPLY",
        "NEED_REPLY",
        "OVERDUE",
    ]
    state = chat.state(20)
    assert (state.sla_at, state.follow_up_at) == (chat.scene.begins_at + 40 * MINUTE, None)


def test_who_was_answered_once_is_never_unseen_again(chat):
    chat.at(10).say("them")
    chat.at(20).say("me")
    chat.at(30).say("them")
    assert chat.status(30) == "NEED_REPLY"


def test_the_half_hour_begins_anew_with_each_of_their_messages(chat):
    for minutes in (0, 20, 40):
        chat.at(minutes).say("them")
    assert [chat.status(minutes) for minutes in (70, 70 + MICROSECOND)] == ["NEED_REPLY", "OVERDUE"]


def test_we_wait_for_them_and_write_again_after_48_hours(chat):
    chat.at(10).say("me")
    due = 10 + 48 * HOURS
    assert [chat.status(minutes) for minutes in (10, due, due + MICROSECOND)] == [
        "WAITING_THEM",
        "WAITING_THEM",
        "NEED_REPLY",
    ]
    state = chat.state(20)
    assert (state.sla_at, state.follow_up_at) == (None, chat.scene.begins_at + due * MINUTE)


def test_a_resolved_thread_is_so_until_the_next_message(chat):
    chat.at(10).say("them")
    chat.at(60).resolve()
    chat.at(10 * DAY).say("them")
    assert [chat.status(minutes) for minutes in (50, 60, 10 * DAY - 1, 10 * DAY + 1)] == [
        "OVERDUE",
        "RESOLVED",
        "RESOLVED",
        "NEED_REPLY",
    ]
    assert (chat.state(60).sla_at, chat.state(60).follow_up_at) == (None, None)


def test_a_thread_marked_as_waiting_waits_for_as_long_as_they_are_silent(chat):
    chat.at(10).say("them")
    chat.at(20).await_answer()
    assert [chat.status(minutes) for minutes in (20, 20 * DAY)] == ["WAITING_THEM", "WAITING_THEM"]


def test_a_snoozed_thread_sleeps_until_the_end_of_the_snooze(chat):
    chat.at(10).say("them")
    chat.at(20).snooze(chat.scene.begins_at + 100 * MINUTE)
    assert [chat.status(minutes) for minutes in (20, 100 - MICROSECOND, 100)] == ["SNOOZED", "SNOOZED", "OVERDUE"]


def test_a_message_wakes_a_snoozed_thread(chat):
    chat.at(10).say("me")
    chat.at(20).snooze(chat.scene.begins_at + 5 * DAY * MINUTE)
    chat.at(30).say("them")
    assert chat.status(31) == "NEED_REPLY"


def test_only_the_latest_mark_counts(chat):
    chat.at(10).say("me")
    chat.at(20).resolve()
    chat.at(30).snooze(chat.scene.begins_at + 40 * MINUTE)
    assert [chat.status(minutes) for minutes in (25, 35, 40)] == ["RESOLVED", "SNOOZED", "WAITING_THEM"]


def test_statuses_are_told_as_stretches_of_time(hub):
    chat = hub(days=3.1)
    chat.at(DAY).say("them")
    chat.at(DAY + 5).say("them")
    chat.at(DAY + 60).say("me")
    chat.at(DAY + 70).snooze(chat.scene.begins_at + (DAY + 90) * MINUTE)
    told = [some(row, "began_at", "ended_at", "status") for row in chat.rows("fct_thread_statuses")]
    # Tuesday in Shanghai begins on Monday at 16:00; two days after our message it is our turn, but not seen any more.
    assert told == [
        ("2026-10-05T16:00:00.000000Z", "2026-10-05T16:00:00.000001Z", "UNSEEN"),
        ("2026-10-05T16:00:00.000001Z", "2026-10-05T16:05:00.000000Z", "NEED_REPLY"),
        ("2026-10-05T16:05:00.000000Z", "2026-10-05T16:05:00.000001Z", "UNSEEN"),
        ("2026-10-05T16:05:00.000001Z", "2026-10-05T16:35:00.000001Z", "NEED_REPLY"),
        ("2026-10-05T16:35:00.000001Z", "2026-10-05T17:00:00.000000Z", "OVERDUE"),
        ("2026-10-05T17:00:00.000000Z", "2026-10-05T17:10:00.000000Z", "WAITING_THEM"),
        ("2026-10-05T17:10:00.000000Z", "2026-10-05T17:30:00.000000Z", "SNOOZED"),
        ("2026-10-05T17:30:00.000000Z", "2026-10-07T17:00:00.000001Z", "WAITING_THEM"),
        ("2026-10-07T17:00:00.000001Z", "", "NEED_REPLY"),
    ]


def test_a_contact_is_one_whatever_its_threads(hub):
    chat = hub()
    chat.at(0).say("them", keyword_hits=("price", "quote", "moq"))
    other = chat.scene.world.new_thread("h2", chat.contact)
    chat.at(10)
    other.say("them")
    chat.contact.promote("K1", level="A")
    (row,) = chat.rows("dim_contacts")
    columns = ("bucket", "k_code", "level", "threads_count", "best_score", "created_at", "promoted_event_id")
    assert some(row, *columns) == ("WHITE", "K1", "A", "2", "67", "", "e3")


def test_the_pool_is_left_by_a_reply_and_entered_again(hub):
    chat = hub(days=1)
    promising = {"keyword_hits": ("price", "quote", "moq")}
    # In the pool from 19:00 to 20:00, which is cleared, and from 21:00 on.
    chat.at(19 * HOURS).say("them", **promising)
    chat.at(20 * HOURS).say("me")
    chat.at(21 * HOURS).say("them")
    days = {row["metric"]: row for row in chat.rows("hub_daily_metrics")}
    assert some(days["pool_clear_rate"], "numerator", "denominator", "is_target_met") == ("1", "1", "true")
    assert some(days["overdue_rate"], "numerator", "denominator", "figure") == ("2", "2", "1.000000")


def test_a_reply_is_timed_from_the_first_message_that_had_none(hub):
    chat = hub()
    for minutes, speaker in ((0, "me"), (10, "them"), (15, "them"), (20, "me"), (21, "me"), (30, "them"), (35, "me")):
        chat.at(minutes).say(speaker)
    chat.at(40).say("them")
    (row,) = chat.rows("fct_threads")
    columns = ("messages_count", "their_messages_count", "replies_count", "first_reply_seconds", "avg_reply_seconds")
    # 10 and 5 minutes.
    assert some(row, *columns, "reply_seconds_total") == ("8", "4", "2", "600.000000", "450.000000", "900.000000")


def test_a_mark_settles_what_they_wrote_before_and_a_snooze_does_not(hub):
    chat = hub()
    chat.at(0).say("them")
    chat.at(10).resolve()
    chat.at(100).say("them")
    chat.at(110).snooze(chat.scene.begins_at + DAY * MINUTE)
    chat.at(130).say("me")
    (row,) = chat.rows("fct_threads")
    assert some(row, "replies_count", "first_reply_seconds") == ("1", "1800.000000")


def test_as_recorded_a_lost_answer_is_none_and_a_thread_without_a_message_does_not_exist(hub):
    def told(is_recorded):
        chat = hub(is_recorded=is_recorded)
        chat.at(0).say("them")
        chat.at(10).say("me")
        silent = Chat(chat.scene, "h2")
        silent.thread.say("them")
        for message in (chat.thread.messages[1], silent.thread.messages[0]):
            message.trace = message.trace._replace(is_recorded=False)
        return [some(row, "thread_id", "replies_count") for row in chat.rows("fct_threads")]

    assert told(True) == [("h1", "0")]
    assert told(False) == [("h1", "1"), ("h2", "0")]


def test_triggers_of_black_threads_are_told_and_not_counted(hub):
    chat = hub()
    thread = chat.at(0)
    thread.say("them")
    thread.fire("g1", "pre_sales")
    chat.at(10).say("them", keyword_hits=("price", "quote", "moq"))
    thread.fire("g2", "pre_sales", 3)
    thread.use("g2")
    columns = ("trigger_id", "is_counted", "is_used", "fields_filled")
    assert [some(row, *columns) for row in chat.rows("fct_hub_triggers")] == [
        ("g1", "false", "false", ""),
        ("g2", "true", "true", "3"),
    ]


@pytest.mark.parametrize(
    ("signals", "day", "points"),
    [
        ({}, FRIDAY, 12),
        ({}, SATURDAY, 4),
        # 20 + 15 for the keywords, 12 for the weekday.
        ({"keyword_hits": ("price", "moq")}, MONDAY, 47),
        # A word and a type of file count once.
        ({"keyword_hits": ("price", "price"), "file_types": ("pdf", "pdf")}, MONDAY, 42),
        ({"file_types": ("pdf", "xls", "cad", "mp4")}, SATURDAY, 41),
        ({"is_in_knowledge_base": True}, MONDAY, 32),
        # 75 + 37 + 12 + 20.
        (
            {
                "keyword_hits": ("price", "quote", "报价", "moq"),
                "file_types": ("pdf", "xls", "cad"),
                "is_in_knowledge_base": True,
            },
            MONDAY,
            100,
        ),
        ({"keyword_hits": ("price", "lottery"), "is_in_knowledge_base": True}, MONDAY, 0),
        ({"keyword_hits": ("unheard of",)}, MONDAY, 12),
    ],
)
def test_a_message_has_the_points_of_its_signals(signals, day, points):
    assert score(Message(None, "them", **signals), day) == points


@pytest.mark.parametrize(
    ("keywords", "expected"),
    [
        ((), None),
        (("unheard of",), None),
        (("price", "warranty", "repair"), "after_sales"),
        (("moq", "agency"), "pre_sales"),
        (("partnership", "distributor", "price"), "bizdev"),
    ],
)
def test_the_list_with_the_most_points_names_the_trigger(keywords, expected):
    assert trigger_type(Message(None, "them", keyword_hits=keywords)) == expected


def test_buckets_begin_at_60_and_80():
    assert [bucket(points) for points in (0, 59, 60, 79, 80, 100)] == [
        "BLACK",
        "BLACK",
        "GRAY",
        "GRAY",
        "WHITE",
        "WHITE",
    ]


@pytest.mark.parametrize(
    ("deeds", "expected"),
    [
        ((), ("67", "GRAY")),
        (("block",), ("67", "BLACK")),
        (("promote",), ("67", "WHITE")),
        (("block", "promote"), ("67", "WHITE")),
    ],
)
def test_a_thread_is_in_the_bucket_of_its_best_message_unless_a_person_decided(hub, deeds, expected):
    chat = hub()
    # 12; 20 + 20 + 15 + 12 = 67; ours has no score.
    chat.at(0).say("them")
    chat.at(10).say("them", keyword_hits=("price", "quote", "moq"))
    chat.at(20).say("me")
    for deed in deeds:
        if deed == "block":
            chat.contact.block()
        else:
            chat.contact.promote("K1")
    (row,) = chat.rows("fct_threads")
    assert some(row, "best_score", "bucket") == expected
    columns = ("speaker", "score", "bucket", "trigger_type")
    assert [some(message, *columns) for message in chat.rows("fct_hub_messages")] == [
        ("them", "12", "BLACK", ""),
        ("them", "67", "GRAY", "pre_sales"),
        ("me", "", "", ""),
    ]


def test_a_thread_in_which_only_we_wrote_is_black(hub):
    chat = hub()
    chat.at(0).say("me")
    (row,) = chat.rows("fct_threads")
    assert some(row, "best_score", "bucket") == ("", "BLACK")
