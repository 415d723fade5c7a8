"""The truth of agents: handlings, their months, and the queue; each expected value is worked out by hand.

Scenes begin at midnight in Shanghai on Monday, October 5th; ``e1``, ``e2`` … are the lines as they are written.
"""

from datetime import date

from simulator.world.tenant import HOUR
from tests.simulator.truth.rows import some


def test_wait_runs_from_the_first_call_that_nobody_has_answered(desk):
    scene = desk()
    session = scene.answered()
    session.escalate("complaint")
    scene.after(60)
    session.escalate("complaint")
    scene.after(90)
    scene.agent.take_over(session)
    scene.after(450)
    scene.agent.transfer(session, scene.colleague)
    scene.after(60)
    scene.colleague.take_over(session)
    scene.after(240)
    session.escalate("impatient")
    scene.after(300)
    session.end(1200, 2)
    first, second = scene.rows("fct_agent_handlings")
    columns = ("agent_id", "wait_seconds", "handle_seconds", "end_source", "is_transferred")
    assert some(first, *columns) == ("a1", "150.000000", "450.000000", "transfer", "true")
    # The call during the hold neither ends it nor is a wait for it.
    assert some(second, *columns) == ("a2", "", "540.000000", "session_end", "false")


def test_a_call_during_a_hold_is_no_wait(desk):
    scene = desk(as_of_hours=1.0)
    session = scene.answered()
    scene.agent.take_over(session)
    scene.after(10)
    session.escalate("wants_the_boss")
    scene.after(20)
    scene.agent.release(session)
    scene.after(5)
    scene.colleague.take_over(session)
    (first, second), waits = scene.rows("fct_agent_handlings", "fct_queue_waits")
    assert some(first, "escalated_at", "wait_seconds", "handle_seconds") == ("", "", "30.000000")
    assert some(second, "escalated_at", "wait_seconds", "handle_seconds", "end_source") == ("", "", "", "")
    assert waits == []


def test_a_hold_that_nobody_ends_is_over_with_the_last_word_before_a_silence(desk):
    scene = desk()
    session = scene.answered()
    scene.agent.log_in()
    scene.agent.take_over(session)
    scene.after(200)
    scene.agent.say(session)
    scene.after(100)
    session.user_turn()
    scene.agent.forget(session)
    scene.after(hours=2)
    # Exactly as long as the timeout: over; this call finds nobody.
    session.escalate("complaint")
    scene.after(hours=3)
    scene.agent.log_out()
    (hold,), (shift,), (wait,) = scene.rows("fct_agent_handlings", "fct_agent_shifts", "fct_queue_waits")
    assert some(hold, "end_source", "handle_seconds") == ("session_timeout", "300.000000")
    assert hold["last_sign_at"] == "2026-10-04T16:03:20.000000Z"
    assert some(shift, "held_seconds", "duration_seconds") == ("300.000000", "18300.000000")
    assert some(wait, "wait_end", "wait_seconds") == ("abandoned", "0.000000")


def test_a_release_of_another_agent_ends_nothing(desk):
    scene = desk()
    session = scene.answered()
    scene.agent.take_over(session)
    scene.after(60)
    scene.agent.transfer(session, scene.colleague)
    scene.colleague.take_over(session)
    scene.after(30)
    scene.agent.release(session, 90, 1)
    scene.after(30)
    scene.colleague.release(session, 60, 0)
    first, second = scene.rows("fct_agent_handlings")
    columns = ("end_source", "handle_seconds", "reported_handle_seconds")
    assert some(first, *columns) == ("transfer", "60.000000", "")
    assert some(second, *columns) == ("release", "60.000000", "60")


def test_time_before_a_turned_down_call_is_no_wait(desk):
    scene = desk()
    alone, called = scene.answered("s1"), scene.answered("s2")
    for session in (alone, called):
        session.escalate("complaint", accepted=False)
    scene.after(100)
    called.escalate("complaint")
    scene.after(20)
    for session in (alone, called):
        scene.agent.take_over(session)
        scene.agent.release(session)
    holds, waits = scene.rows("fct_agent_handlings", "fct_queue_waits")
    assert [some(row, "session_id", "wait_seconds") for row in holds] == [("s1", ""), ("s2", "20.000000")]
    assert [some(row, "session_id", "wait_end", "wait_seconds") for row in waits] == [
        ("s1", "rejected", "0.000000"),
        ("s2", "taken_over", "20.000000"),
    ]


def test_a_message_answers_where_the_takeover_was_lost(desk):
    scene = desk()
    session = scene.answered()
    session.escalate("complaint")
    scene.after(40)
    scene.agent.take_over(session)
    scene.lose(session, 4)
    scene.after(20)
    scene.agent.say(session)
    scene.agent.say(session)
    scene.after(5)
    session.escalate("impatient")
    scene.after(10)
    scene.agent.transfer(session, scene.colleague)
    scene.after(5)
    scene.colleague.take_over(session)
    (hold,), waits = scene.rows("fct_agent_handlings", "fct_queue_waits")
    assert some(hold, "agent_id", "wait_seconds", "chain_position") == ("a2", "15.000000", "1")
    assert [some(row, "wait_number", "wait_end", "wait_seconds") for row in waits] == [
        ("1", "answered", "60.000000"),
        ("2", "taken_over", "15.000000"),
    ]
    (hour,) = scene.read("queue_hourly")
    assert some(hour, "taken_over_count", "answered_count", "avg_wait_seconds") == ("1", "1", "37.500000")


def test_a_day_is_final_when_it_is_past_and_nothing_of_it_goes_on(desk):
    scene = desk(as_of_hours=48)
    scene.agent.log_in()
    scene.after(hours=23)
    scene.agent.log_out()
    scene.colleague.log_in()
    for _ in range(24):
        scene.after(hours=1)
        scene.colleague.beat()
    scene.after(hours=0.9)
    scene.colleague.beat()
    rows = scene.rows("agent_performance_daily")
    # The day is over for 24 hours, but Bert's shift is on.
    assert [some(row, "agent_id", "work_date", "is_final") for row in rows] == [
        ("a1", "2026-10-05", "true"),
        ("a2", "2026-10-05", "false"),
        ("a2", "2026-10-06", "false"),
    ]


def test_first_reply_and_messages_are_those_of_the_agent_who_holds_the_session(desk):
    scene = desk()
    session = scene.answered()
    scene.agent.say(session)
    scene.agent.take_over(session)
    scene.after(7)
    scene.colleague.say(session)
    scene.after(8)
    scene.agent.note(session)
    scene.agent.say(session)
    scene.after(9)
    scene.agent.say(session)
    scene.agent.release(session)
    scene.agent.say(session)
    scene.colleague.take_over(session)
    first, second = scene.rows("fct_agent_handlings")
    assert some(first, "first_reply_seconds", "messages_count") == ("15.000000", "2")
    assert some(second, "first_reply_seconds", "messages_count") == ("", "0")


def test_a_session_plays_ping_pong_when_it_comes_back_from_another_agent(desk):
    scene = desk()
    session = scene.answered()
    for agent in (scene.agent, scene.agent, scene.colleague, scene.agent):
        agent.take_over(session)
        scene.after(1)
        agent.release(session)
    rows = scene.rows("fct_agent_handlings")
    assert [some(row, "chain_position", "agent_id", "is_ping_pong") for row in rows] == [
        ("1", "a1", "false"),
        ("2", "a1", "false"),
        ("3", "a2", "false"),
        ("4", "a1", "true"),
    ]


def test_where_a_release_was_lost_the_next_takeover_ends_the_hold(desk):
    scene = desk()
    session = scene.answered()
    scene.agent.take_over(session)
    scene.after(100)
    scene.agent.release(session)
    scene.lose(session, 4)
    scene.after(20)
    scene.colleague.take_over(session)
    scene.after(30)
    scene.colleague.release(session)
    first, second = scene.rows("fct_agent_handlings")
    assert some(first, "handle_seconds", "end_source") == ("120.000000", "takeover")
    assert some(second, "handle_seconds", "end_source") == ("30.000000", "release")


def test_as_it_happened_nothing_was_lost_and_the_clocks_were_right(desk):
    scene = desk(is_recorded=False)
    scene.writer.agents_ahead = 40.0
    session = scene.answered()
    session.escalate("complaint")
    scene.after(30)
    scene.agent.take_over(session)
    scene.after(60)
    scene.agent.release(session)
    scene.lose(session, 3, 5)
    (row,) = scene.rows("fct_agent_handlings")
    assert some(row, "wait_seconds", "handle_seconds", "end_source") == ("30.000000", "60.000000", "release")


def test_as_recorded_a_clock_that_is_ahead_makes_the_wait_longer(desk):
    scene = desk()
    scene.writer.agents_ahead = 40.0
    session = scene.answered()
    session.escalate("complaint")
    scene.after(30)
    scene.agent.take_over(session)
    scene.after(60)
    scene.agent.release(session)
    (row,) = scene.rows("fct_agent_handlings")
    assert some(row, "wait_seconds", "handle_seconds") == ("70.000000", "60.000000")


def test_a_month_counts_sessions_once_and_transfers_by_themselves(desk):
    scene = desk(date(2026, 10, 31), as_of_hours=25)
    passed, tested, lost, held = (scene.answered(f"s{n}", is_test=n == 2) for n in (1, 2, 3, 4))
    passed.escalate("complaint")
    scene.after(100)
    scene.agent.take_over(passed)
    scene.after(200)
    scene.agent.transfer(passed, scene.colleague)
    scene.colleague.take_over(passed)
    scene.after(101)
    scene.colleague.release(passed)
    scene.agent.take_over(tested)
    scene.agent.transfer(tested, scene.colleague)
    scene.agent.take_over(lost)
    scene.lose(lost, 3)
    # The transfer is November's: 24 hours after midnight.
    scene.after(24 * HOUR - 401)
    scene.agent.transfer(lost, scene.colleague)
    scene.colleague.take_over(held)
    october, november = scene.rows("agent_handling_monthly")
    assert list(october.values()) == [
        "default",
        "2026-10-01",
        "1",
        "2",
        "1",
        "1",
        "100.000000",
        "2",
        "301.000000",
        "100.000000",
        "150.500000",
        "1.000000",
    ]
    # One transfer, and another session, which is held: nobody waited, nothing has ended.
    assert list(november.values()) == ["default", "2026-11-01", "1", "1", "1", "0", "", "0", "", "", "", "1.000000"]
    assert scene.book.handling_months["default", date(2026, 11, 1)]["transfers_count"] == 1


def test_a_month_with_transfers_alone_has_no_transfer_rate(desk):
    scene = desk()
    session = scene.answered()
    scene.agent.take_over(session)
    scene.agent.transfer(session, scene.colleague)
    scene.lose(session, 3)
    (row,) = scene.rows("agent_handling_monthly")
    assert some(row, "handled_sessions_count", "transfers_count", "transfer_rate") == ("0", "1", "")


def test_without_its_start_a_test_session_cannot_be_told_from_others(desk):
    scene = desk()
    session = scene.answered(is_test=True)
    scene.agent.take_over(session)
    scene.lose(session, 0)
    (row,) = scene.rows("agent_handling_monthly")
    assert row["handled_sessions_count"] == "1"


def test_waits_end_with_a_takeover_with_the_session_or_at_once(desk):
    scene = desk()
    taken, given_up, turned_down, silent, tested = (scene.answered(f"s{n}", is_test=n == 4) for n in range(5))
    for session in (taken, given_up, silent, tested):
        session.escalate("complaint")
    turned_down.escalate("complaint", accepted=False)
    scene.after(120)
    scene.agent.take_over(taken)
    scene.agent.release(taken)
    given_up.end(120, 2)
    silent.user_turn()
    scene.after(60)
    taken.escalate("complaint")
    waits = scene.rows("fct_queue_waits")
    found = {(row["session_id"], row["wait_number"]): some(row, "wait_end", "wait_seconds") for row in waits}
    assert found == {
        ("s0", "1"): ("taken_over", "120.000000"),
        ("s0", "2"): ("abandoned", "0.000000"),
        ("s1", "1"): ("abandoned", "120.000000"),
        ("s2", "1"): ("rejected", "0.000000"),
        ("s3", "1"): ("abandoned", "120.000000"),
        ("s4", "1"): ("abandoned", "0.000000"),
    }
    (hour,) = scene.read("queue_hourly")
    counts = ("entered_count", "turned_down_count", "taken_over_count", "given_up_count", "left_count")
    assert some(hour, *counts, "waiting_at_end_count") == ("4", "1", "1", "3", "4", "0")
    assert some(hour, "avg_wait_seconds", "queue_abandonment_rate") == ("120.000000", "0.750000")


def test_a_session_that_is_open_still_waits(desk):
    scene = desk(as_of_hours=1.0)
    session = scene.answered()
    session.escalate("complaint")
    (wait,) = scene.rows("fct_queue_waits")
    assert some(wait, "left_at", "wait_end", "wait_seconds") == ("", "", "")
    (hour,) = scene.read("queue_hourly")
    assert some(hour, "still_waiting_count", "waiting_at_end_count", "queue_abandonment_rate") == ("1", "1", "")


def test_the_claims_of_the_workbench_are_compared_by_day(desk):
    scene = desk()
    scene.agent.log_in()
    for number, (wait, handle, messages) in enumerate(((61, 30, 1), (61.5, 32, 0), (None, None, None))):
        session = scene.answered(f"s{number}")
        session.escalate("complaint")
        scene.after(60)
        scene.agent.take_over(session, wait)
        scene.agent.say(session)
        scene.after(30)
        scene.agent.release(session, handle, messages)
    scene.after(hours=1)
    scene.agent.log_out(66, 3)
    claims = scene.rows("claim_reconciliation")
    assert [some(row, "claim", "claims_count", "differing_count") for row in claims] == [
        ("agent_message_count", "2", "1"),
        ("handle_seconds", "2", "1"),
        ("sessions_handled", "1", "0"),
        ("wait_seconds", "2", "1"),
        # 64.5 minutes were worked.
        ("work_minutes", "1", "1"),
    ]
