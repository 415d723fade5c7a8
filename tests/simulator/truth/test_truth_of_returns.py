"""The truth of coming back, worked out by hand."""

import pytest

from simulator.truth.book import Blank
from simulator.truth.sessions import SessionBook
from simulator.truth.view import View
from simulator.world.customer import Customer
from simulator.world.settings import Settings
from simulator.world.tenants import TENANTS

LI = Customer("li")
NOBODY = Customer("nobody", is_anonymous=True)
SECOND = 1 / 3600


class Audience(Blank):
    """Keeps what is over."""

    def __init__(self):
        self.sessions, self.tickets = [], []

    def session_over(self, world, session):
        self.sessions.append((world, session))

    def ticket_over(self, world, ticket):
        self.tickets.append((world, ticket))


@pytest.fixture
def returns(tmp_path, new_scene, read):
    """A scene; ``returns.told(hours, is_recorded)``: its returns by session, so long after the beginning."""
    audience = Audience()
    scene = new_scene(witness=audience)

    def told(hours=24 * 30.0, *, is_recorded=True):
        scene.world.finish_all()
        folder = tmp_path / f"{hours} {is_recorded}"
        book = SessionBook(folder, scene.settings, View(scene.begins_at + hours * 3600, is_recorded))
        for session in audience.sessions:
            book.session_over(*session)
        for ticket in audience.tickets:
            book.ticket_over(*ticket)
        book.close()
        return {row["session_id"]: row for row in read(folder / "fct_session_returns.csv")}

    scene.told = told
    return scene


def back(row):
    return row["returned_by"], row["return_id"], row["hours_until_return"]


def windows(row, what):
    return [row[f"is_{what}_{hours}h"] for hours in (24, 72, 168)]


NEVER = ("", "", "")


def test_a_customer_who_comes_back_after_70_hours_was_helped_for_24_only(returns):
    returns.answered("s1", customer=LI)
    returns.after(hours=70)
    returns.answered("s2", customer=LI, channel="wechat")
    told = returns.told()
    assert told["s1"] == {
        "tenant_id": "default",
        "session_id": "s1",
        "customer_id": "li",
        "session_date": "2026-10-05",
        "channel": "web",
        "site": "cn",
        "intent": "",
        "outcome": "assumed_resolved",
        "first_ended_at": "2026-10-04T16:00:00.000000Z",
        "returns_from_at": "2026-10-04T16:00:00.000000Z",
        "reopened_at": "",
        "is_ai_resolution": "true",
        "next_session_at": "2026-10-07T14:00:00.000000Z",
        "next_session_id": "s2",
        "next_session_channel": "wechat",
        "next_ticket_at": "",
        "next_ticket_id": "",
        "returned_at": "2026-10-07T14:00:00.000000Z",
        "returned_by": "session",
        "return_id": "s2",
        "seconds_until_return": "252000.000000",
        "seconds_until_next_session": "252000.000000",
        "hours_until_return": "70.000000",
        "is_mature_24h": "true",
        "is_mature_72h": "true",
        "is_mature_168h": "true",
        "is_durable_24h": "true",
        "is_durable_72h": "false",
        "is_durable_168h": "false",
    }
    assert back(told["s2"]) == NEVER
    assert windows(told["s2"], "durable") == ["true", "true", "true"]


def test_the_first_return_counts_whatever_it_is(returns):
    returns.answered("s1", customer=LI)
    returns.after(hours=1)
    returns.world.new_ticket("email", "delivery", ticket_id="t1", customer_id="li").open()
    returns.after(hours=1)
    returns.answered("s2", customer=LI)
    returns.world.new_ticket("chat", "delivery", ticket_id="t2", session_id="s2").open()
    returns.after(hours=1)
    returns.world.new_ticket("chat", "delivery", ticket_id="t3", session_id="s1").open()
    told = returns.told()
    assert back(told["s1"]) == ("ticket", "t1", "1.000000")
    # What comes at the very end of a session is no return to it; t3 is from another session, of nobody known.
    assert back(told["s2"]) == NEVER


def test_an_unknown_customer_comes_back_by_the_same_session_alone(returns):
    returns.answered("s1", customer=NOBODY)
    asked = returns.answered("s2", customer=NOBODY)
    returns.after(hours=2)
    returns.answered("s3", customer=NOBODY)
    returns.world.new_ticket("chat", "delivery", ticket_id="t1", session_id="s2").open()
    assert asked.customer.is_anonymous
    told = returns.told()
    assert [back(told[name]) for name in ("s1", "s2", "s3")] == [NEVER, ("ticket", "t1", "2.000000"), NEVER]


def test_a_question_in_a_session_that_had_ended_reopens_it(returns):
    session = returns.answered("s1", customer=NOBODY)
    session.end(0, 2)
    returns.after(60)
    # What the customer thought of it is no return, and neither is a second end.
    session.rate(5)
    session.end(60, 2)
    returns.after(hours=30)
    session.user_turn()
    session.ai_turn(1000)
    session.end(30 * 3600, 4)
    (row,) = returns.told().values()
    assert (row["outcome"], *back(row)) == ("confirmed_resolved", "reopening", "s1", "30.016667")
    assert windows(row, "durable") == ["true", "false", "false"]


def test_who_comes_back_before_the_session_times_out_comes_back_after_the_answer(returns):
    session = returns.answered("s1", customer=LI)
    returns.after(600)
    returns.answered("s2", customer=LI, channel="app")
    returns.after(1200)
    session.end(1800, 2, end_reason="timeout")
    # Nobody had an answer in s3: it counts from its end, before which s4 came.
    asked = returns.visit("s3", Customer("wang"))
    asked.user_turn()
    returns.after(60)
    returns.answered("s4", customer=Customer("wang"))
    asked.end(60, 1)
    told = returns.told()
    assert back(told["s1"]) == ("session", "s2", "0.166667")
    assert windows(told["s1"], "durable") == ["false"] * 3
    assert (told["s3"]["outcome"], *back(told["s3"])) == ("unanswered", *NEVER)


def test_a_session_whose_end_is_lost_is_reopened_after_a_silence_of_the_timeout(returns):
    silent, early = returns.answered("silent", customer=NOBODY), returns.answered("early", customer=NOBODY)
    returns.after(hours=2 - SECOND)
    early.user_turn()
    early.ai_turn(1000)
    returns.after(hours=SECOND)
    silent.user_turn()
    silent.ai_turn(1000)
    silent.end(7200, 4)
    told = returns.told()
    assert back(told["silent"]) == ("reopening", "silent", "2.000000")
    assert back(told["early"]) == NEVER
    assert told["early"]["first_ended_at"] == "2026-10-04T17:59:59.000000Z"


def test_what_came_before_or_was_a_test_or_of_another_customer_is_no_return(returns):
    returns.answered("before", customer=LI)
    returns.after(60)
    returns.answered("s1", customer=LI)
    returns.after(hours=1)
    returns.answered("tested", customer=LI, is_test=True)
    returns.answered("other", customer=Customer("wang"))
    told = returns.told()
    assert back(told["s1"]) == NEVER
    assert back(told["before"]) == ("session", "s1", "0.016667")
    # A test is no resolution.
    assert set(told) == {"before", "s1", "other"}


@pytest.mark.parametrize(
    ("hours", "durable"),
    [(24, ["false", "false", "false"]), (24 + SECOND, ["true", "false", "false"]), (168 + SECOND, ["true"] * 3)],
)
def test_a_return_at_the_end_of_a_window_is_within_it(returns, hours, durable):
    returns.answered("s1", customer=LI)
    returns.after(hours=hours)
    returns.answered("s2", customer=LI)
    assert windows(returns.told()["s1"], "durable") == durable


def test_a_resolution_is_mature_when_it_is_older_than_the_window(returns):
    returns.answered("s1", customer=LI)
    returns.after(hours=10)
    returns.answered("s2", customer=LI)
    row = returns.told(hours=72)["s1"]
    assert windows(row, "mature") == ["true", "false", "false"]
    # That it did not last is known, but it is not in the share of the longer windows yet.
    assert windows(row, "durable") == ["false", "", ""]
    assert windows(returns.told(hours=72 + SECOND)["s1"], "mature") == ["true", "true", "false"]


def test_a_return_is_seen_by_what_came_into_the_logs(returns):
    returns.answered("s1", customer=LI)
    returns.after(hours=1)
    again = returns.answered("s2", customer=LI)
    # Without its opening nobody knows whose session it is, and without its creation whose ticket.
    returns.lose(again, 0)
    returns.answered("s3", customer=NOBODY)
    returns.after(hours=1)
    ticket = returns.world.new_ticket("chat", "delivery", ticket_id="t1", session_id="s3")
    ticket.open()
    returns.lose(ticket, 0)
    assert [back(row) for row in returns.told().values()] == [NEVER] * 3
    happened = returns.told(is_recorded=False)
    assert back(happened["s1"]) == ("session", "s2", "1.000000")
    assert back(happened["s3"]) == ("ticket", "t1", "1.000000")


def test_what_bears_the_same_names_at_another_desk_is_no_return(tmp_path, new_scene, read):
    desks = [new_scene(tenant) for tenant in TENANTS[:2]]
    book = SessionBook(tmp_path, Settings(tenants=TENANTS[:2]), View(desks[0].begins_at + 1e6, is_recorded=True))
    here, there = desks
    book.session_over(here.world, here.answered("s1", customer=LI))
    there.after(hours=1)
    book.session_over(there.world, there.answered("s2", customer=LI))
    ticket = there.world.new_ticket("chat", "delivery", ticket_id="t1", session_id="s1", customer_id="li")
    ticket.open()
    book.ticket_over(there.world, ticket)
    book.close()
    assert [back(row) for row in read(tmp_path / "fct_session_returns.csv")] == [NEVER, NEVER]
