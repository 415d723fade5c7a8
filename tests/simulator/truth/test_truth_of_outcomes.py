"""The truth of outcomes: each row and boundary of the ledger, and the line that proves it.

Lines are called ``e1``, ``e2`` … as they are written; an answered session begins with start, question and answer.
"""

from decimal import Decimal

import pytest

HOUR = 3600.0


def ledger(row):
    return row["outcome"], row["outcome_reason"], row["outcome_evidence_event_id"]


def test_a_test_session_is_invalid_whatever_happened_in_it(scene):
    session = scene.answered(is_test=True)
    session.escalate("complaint")
    assert ledger(scene.row(session)) == ("invalid", "test_session", "e1")


def test_a_session_in_which_the_customer_wrote_nothing_is_invalid(scene):
    session = scene.visit()
    session.ai_turn(10)
    assert ledger(scene.row(session)) == ("invalid", "no_user_turn", "e1")


def test_without_a_start_the_first_line_of_the_session_proves_that_nobody_wrote(scene):
    session = scene.visit()
    session.recognise("tracking")
    scene.lose(session, 0)
    assert ledger(scene.row(session)) == ("invalid", "no_user_turn", "e2")


def test_a_session_is_open_until_the_silence_has_lasted_120_minutes(scene):
    session = scene.answered()
    # The answer came at 0:00; the lines can tell instants to the microsecond.
    still = scene.row(session, hours=2 - 1e-6 / HOUR)
    over = scene.row(session, hours=2)
    assert ledger(still) == ("open", "still_active", "e3")
    assert (still["is_open"], still["ended_at"], still["duration_seconds"]) == (True, None, None)
    assert ledger(over) == ("assumed_resolved", "silence_after_answer", "e3")
    assert (over["is_open"], over["ended_at"], over["duration_seconds"]) == (False, scene.begins_at, Decimal(0))


def test_a_note_of_an_agent_keeps_a_session_open(scene):
    session = scene.answered()
    scene.after(hours=1)
    scene.agent.note(session)
    assert ledger(scene.row(session, hours=2.5))[0] == "open"


def test_a_session_with_an_end_is_not_open(scene):
    session = scene.answered()
    session.end(0, 2)
    assert ledger(scene.row(session, hours=0.5)) == ("assumed_resolved", "silence_after_answer", "e3")


def test_nothing_is_known_of_what_comes_after_now(scene):
    session = scene.answered()
    scene.after(hours=1)
    session.give_feedback(helpful=False)
    assert ledger(scene.row(session, hours=0.5)) == ("open", "still_active", "e3")


def test_an_escalation_that_an_agent_takes_over_goes_to_a_human(scene):
    session = scene.answered()
    session.escalate("complaint")
    scene.agent.take_over(session)
    scene.agent.say(session)
    session.give_feedback(helpful=False)
    assert ledger(scene.row(session)) == ("escalated_to_human", "agent_took_over", "e5")


def test_an_escalation_goes_to_a_human_who_writes_without_having_taken_over(scene):
    session = scene.answered()
    session.escalate("complaint")
    scene.agent.say(session)
    row = scene.row(session)
    assert ledger(row) == ("escalated_to_human", "agent_wrote", "e5")
    assert (row["is_taken_over"], row["has_human_touch"], row["agent_messages_count"]) == (False, True, 1)


def test_an_escalation_fails_where_nobody_comes(scene):
    session = scene.answered()
    session.escalate("complaint", accepted=False)
    session.escalate("complaint")
    session.give_feedback(helpful=True)
    assert ledger(scene.row(session)) == ("escalation_failed", "no_agent_joined", "e4")


def test_an_escalation_fails_where_every_one_is_turned_down(scene):
    session = scene.answered()
    session.escalate("complaint", accepted=False)
    session.escalate("complaint", accepted=False)
    assert ledger(scene.row(session)) == ("escalation_failed", "rejected", "e4")


def test_an_agent_who_comes_unasked_takes_over(scene):
    session = scene.answered()
    scene.agent.take_over(session)
    session.give_feedback(helpful=True)
    assert ledger(scene.row(session)) == ("human_takeover", "agent_took_over", "e4")


def test_failures_without_an_answer_block_a_session_and_the_last_one_proves_it(scene):
    session = scene.visit()
    session.user_turn()
    session.fail("timeout")
    session.ai_turn(10, is_fallback=True)
    session.call_workflow("w", success=False)
    row = scene.row(session)
    assert ledger(row) == ("blocked", "failed_call", "e5")
    assert (row["failures_count"], row["fallback_turns_count"], row["ai_turns_count"]) == (2, 1, 1)


def test_an_error_of_the_service_blocks_a_session(scene):
    session = scene.visit()
    session.user_turn()
    session.call_tool("t", success=False)
    session.fail("timeout")
    assert ledger(scene.row(session)) == ("blocked", "api_error", "e4")


def test_an_order_that_is_not_found_is_no_failure(scene):
    session = scene.visit()
    session.user_turn()
    session.query_order("o", success=False)
    session.ai_turn(10, is_fallback=True)
    row = scene.row(session)
    assert ledger(row) == ("unanswered", "only_fallbacks", "e4")
    assert (row["failures_count"], row["has_successful_tool"]) == (0, False)


def test_a_session_without_a_word_of_the_ai_is_unanswered(scene):
    session = scene.visit()
    session.user_turn()
    session.give_feedback(helpful=True)
    assert ledger(scene.row(session)) == ("unanswered", "no_ai_turn", "e2")


def test_the_last_feedback_counts_and_outranks_any_rating(scene):
    session = scene.answered()
    session.give_feedback(helpful=True)
    session.give_feedback(helpful=False)
    session.rate(5)
    row = scene.row(session)
    assert ledger(row) == ("rejected", "not_helpful", "e5")
    assert (row["is_last_feedback_helpful"], row["last_rating_score"]) == (False, 5)


def test_a_helpful_answer_is_confirmed_though_the_customer_spoke_last(scene):
    session = scene.answered()
    session.give_feedback(helpful=True)
    session.user_turn()
    assert ledger(scene.row(session)) == ("confirmed_resolved", "helpful", "e4")


@pytest.mark.parametrize(
    ("score", "outcome"),
    [
        (1, ("rejected", "low_rating", "e5")),
        (2, ("rejected", "low_rating", "e5")),
        (3, ("assumed_resolved", "silence_after_answer", "e3")),
        (4, ("confirmed_resolved", "high_rating", "e5")),
        (5, ("confirmed_resolved", "high_rating", "e5")),
    ],
)
def test_the_last_rating_of_the_ai_decides_at_2_and_at_4(scene, score, outcome):
    session = scene.answered()
    session.rate(6 - score, rated="ai")
    session.rate(score)
    assert ledger(scene.row(session)) == outcome


def test_a_rating_of_the_human_decides_nothing(scene):
    session = scene.answered()
    session.rate(1, rated="human")
    row = scene.row(session)
    assert ledger(row) == ("assumed_resolved", "silence_after_answer", "e3")
    assert row["last_rating_score"] == 1


def test_who_asks_last_has_abandoned_the_session(scene):
    session = scene.answered()
    session.fail("timeout")
    session.user_turn()
    assert ledger(scene.row(session)) == ("abandoned", "user_spoke_last", "e5")


def test_a_fallback_that_comes_last_leaves_the_session_abandoned(scene):
    session = scene.answered()
    session.ai_turn(10, is_fallback=True)
    assert ledger(scene.row(session)) == ("abandoned", "fallback_came_last", "e4")


def test_a_failure_after_the_last_answer_leaves_the_session_abandoned(scene):
    session = scene.answered()
    session.fail("timeout")
    session.call_tool("t", success=False)
    session.call_tool("t", success=True)
    row = scene.row(session)
    assert ledger(row) == ("abandoned", "failed_call", "e5")
    assert row["has_successful_tool"]


def test_a_failure_before_the_last_answer_is_forgotten(scene):
    session = scene.answered()
    session.fail("timeout")
    session.ai_turn(10)
    assert ledger(scene.row(session)) == ("assumed_resolved", "silence_after_answer", "e5")
