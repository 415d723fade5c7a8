"""Stories of sessions: what became of a conversation."""

from .story import story
from .teller import Teller


@story()
def escalated_but_nobody_came(tell: Teller) -> None:
    """A customer asks for a human at 09:00:30 and is still alone when the session ends ten minutes later.

    `fct_sessions`

    | session_id | outcome | outcome_reason | is_escalated | has_human_touch | wait_seconds | duration_seconds |
    |---|---|---|---|---|---|---|
    | s1 | escalation_failed | no_agent_joined | true | false | | 630 |

    Nobody came, but the AI did not resolve it either: the house rate counts it against the AI (0 of 1), and it is not
    contained.

    `ai_resolution_monthly`

    | month | sessions_count | escalated_sessions_count | ai_resolution_rate | containment_rate |
    |---|---|---|---|---|
    | 2026-10-01 | 1 | 1 | 0 | 0 |
    """
    chat = tell.conversation("s1", at="2026-10-05 09:00:00", seconds=10)
    tell.after(20)
    chat.escalate("customer_request", keyword="人工")
    tell.after(minutes=10)
    chat.end(630, 2, "none", "user_left")


@story()
def resolved_and_thanked(tell: Teller) -> None:
    """One question, an answer after 2 seconds, "that helped", the session ends after a minute.

    `fct_sessions`

    | session_id | outcome | outcome_reason | user_turns_count | first_ai_response_time_ms | duration_seconds |
    |---|---|---|---|---|---|
    | s1 | confirmed_resolved | helpful | 1 | 2000 | 60 |

    A contact with a human costs ¥10.00 and none was needed.

    `ai_resolution_monthly`

    | month | sessions_count | ai_resolution_rate | resolution_rate_strict | cost_saving_amount |
    |---|---|---|---|---|
    | 2026-10-01 | 1 | 1 | 1 | 10 |
    """
    chat = tell.conversation("s1", at="2026-10-05 09:00:00", seconds=2)
    tell.after(18)
    chat.give_feedback(helpful=True)
    tell.after(40)
    chat.end(60, 2)


@story()
def resolved_then_came_back_after_70h(tell: Teller) -> None:
    """A customer is answered on Monday at 09:00 and is back on Thursday at 07:00, 70 hours later, elsewhere.

    Both sessions are resolutions by themselves: silence after an answer. That the first one did not last shows only
    within a window of 72 hours or more, not within 24.

    `fct_sessions`

    | session_id | session_date | channel | outcome | outcome_reason |
    |---|---|---|---|---|
    | s1 | 2026-10-05 | web | assumed_resolved | silence_after_answer |
    | s2 | 2026-10-08 | wechat | assumed_resolved | silence_after_answer |

    `fct_session_returns`

    | session_id | returned_by | return_id | seconds_until_return | is_durable_24h | is_durable_72h | is_durable_168h |
    |---|---|---|---|---|---|---|
    | s1 | session | s2 | 252000 | true | false | false |
    | s2 | | | | true | true | true |
    """
    tell.conversation("s1", at="2026-10-05 09:00:00", customer="li")
    tell.conversation("s2", at="2026-10-08 07:00:02", customer="li", channel="wechat")


@story()
def helpful_outranks_one_star(tell: Teller) -> None:
    """The customer says it helped, then rates one star: the explicit feedback decides, in whichever order they come.

    `fct_sessions`

    | session_id | outcome | outcome_reason | is_last_feedback_helpful | last_rating_score |
    |---|---|---|---|---|
    | feedback_first | confirmed_resolved | helpful | true | 1 |
    | rating_first | confirmed_resolved | helpful | true | 1 |
    """
    chat = tell.conversation("feedback_first", at="2026-10-05 09:00:00")
    tell.after(5)
    chat.give_feedback(helpful=True)
    tell.after(5)
    chat.rate(1, "ai")
    chat = tell.conversation("rating_first", at="2026-10-05 10:00:00")
    tell.after(5)
    chat.rate(1, "ai")
    tell.after(5)
    chat.give_feedback(helpful=True)


@story()
def three_stars_say_nothing(tell: Teller) -> None:
    """Two stars or fewer reject, four or more confirm, three leave the silence after the answer to decide.

    `fct_sessions`

    | session_id | last_rating_score | outcome | outcome_reason |
    |---|---|---|---|
    | two | 2 | rejected | low_rating |
    | three | 3 | assumed_resolved | silence_after_answer |
    | four | 4 | confirmed_resolved | high_rating |

    All three had an answer, so all are engaged: 1/3 confirmed, 2/3 confirmed or assumed.

    `ai_resolution_monthly`

    | month | engaged_count | resolution_rate_strict | resolution_rate_standard |
    |---|---|---|---|
    | 2026-10-01 | 3 | 0.333333 | 0.666667 |
    """
    for session_id, hour, score in (("two", 9, 2), ("three", 10, 3), ("four", 11, 4)):
        chat = tell.conversation(session_id, at=f"2026-10-05 {hour:02d}:00:00")
        tell.after(30)
        chat.rate(score, "ai")


@story()
def stars_for_the_agent_are_not_for_the_ai(tell: Teller) -> None:
    """A rating of the human says nothing about the AI: without any other sign the answer stands.

    `fct_sessions`

    | session_id | last_rating_score | outcome | outcome_reason |
    |---|---|---|---|
    | s1 | 1 | assumed_resolved | silence_after_answer |
    """
    chat = tell.conversation("s1", at="2026-10-05 09:00:00")
    tell.after(30)
    chat.rate(1, "human")


@story()
def left_without_an_answer(tell: Teller) -> None:
    """What came last decides over silence: a question, a fallback or a failure after the answer is an abandonment.

    `fct_sessions`

    | session_id | outcome | outcome_reason | failures_count |
    |---|---|---|---|
    | asked_again | abandoned | user_spoke_last | 0 |
    | not_understood | abandoned | fallback_came_last | 0 |
    | failed_after | abandoned | failed_call | 1 |
    | failed_before | assumed_resolved | silence_after_answer | 1 |
    """
    chat = tell.conversation("asked_again", at="2026-10-05 09:00:00")
    tell.after(30)
    chat.user_turn()
    chat = tell.conversation("not_understood", at="2026-10-05 10:00:00")
    tell.after(30)
    chat.ai_turn(900, is_fallback=True)
    chat = tell.conversation("failed_after", at="2026-10-05 11:00:00")
    tell.after(30)
    chat.call_workflow("refund", success=False)
    chat = tell.session("failed_before", at="2026-10-05 12:00:00")
    chat.user_turn()
    tell.after(1)
    chat.call_tool("search", success=False)
    tell.after(1)
    chat.ai_turn(2000)


@story()
def no_answer_at_all(tell: Teller) -> None:
    """Without a substantive answer the AI was blocked where something failed, and had no answer otherwise.

    An order that is not found is an answer of the shop's system, not a failure.

    `fct_sessions`

    | session_id | outcome | outcome_reason | fallback_turns_count |
    |---|---|---|---|
    | service_down | blocked | api_error | 0 |
    | only_fallback | unanswered | only_fallbacks | 1 |
    | silent_ai | unanswered | no_ai_turn | 0 |
    """
    chat = tell.session("service_down", at="2026-10-05 09:00:00")
    chat.user_turn()
    tell.after(30)
    chat.fail("timeout")
    chat = tell.session("only_fallback", at="2026-10-05 10:00:00")
    chat.user_turn()
    tell.after(1)
    chat.query_order("SO1", success=False, error_type="not_found")
    chat.ai_turn(1000, is_fallback=True)
    chat = tell.session("silent_ai", at="2026-10-05 11:00:00")
    chat.user_turn()


@story()
def two_hours_of_silence_end_a_session(tell: Teller) -> None:
    """It is midnight. A session whose last event is exactly two hours old is over, one a second younger is open.

    `fct_sessions`

    | session_id | outcome | is_open | duration_seconds |
    |---|---|---|---|
    | over | assumed_resolved | false | 2 |
    | open | open | true | |

    An open session is no resolution yet and counts in no rate but the house rate, which asks for escalations alone.

    `ai_resolution_daily`

    | session_date | sessions_count | open_count | valid_count | ai_resolution_rate | is_final |
    |---|---|---|---|---|---|
    | 2026-11-14 | 2 | 1 | 1 | 1 | false |
    """
    tell.conversation("over", at="2026-11-14 21:59:58", seconds=2)
    tell.conversation("open", at="2026-11-14 21:59:59", seconds=2)


@story()
def a_test_counts_nowhere(tell: Teller) -> None:
    """A tester's session stands in the ledger as invalid, and in no rate; its tokens were paid for all the same.

    1,000 prompt tokens of the small model at ¥0.002 per 1,000 and 500 completion tokens at ¥0.006 are ¥0.005.

    `fct_sessions`

    | session_id | outcome | outcome_reason | token_cost_amount |
    |---|---|---|---|
    | s1 | invalid | test_session | 0.005 |

    `ai_resolution_monthly`

    | month | started_sessions_count | sessions_count | invalid_count | ai_resolution_rate |
    |---|---|---|---|---|
    | 2026-10-01 | 1 | 0 | 1 | |

    `token_usage_monthly`

    | month | prompt_tokens | completion_tokens | token_cost_amount |
    |---|---|---|---|
    | 2026-10-01 | 1000 | 500 | 0.005 |
    """
    chat = tell.conversation("s1", at="2026-10-05 09:00:00", is_test=True)
    chat.use_tokens("assistant-small", 1000, 500)


@story()
def cached_tokens_are_part_of_the_prompt(tell: Teller) -> None:
    """The large model reads 1,000 tokens, 400 of them cached, and writes 500.

    600 at ¥0.020, 400 at ¥0.005 and 500 at ¥0.060 per 1,000: 0.012 + 0.002 + 0.030 = ¥0.044. A model without a price is
    counted, not taken as free. Where a product says that more was cached than there was, all of the prompt was: ¥0.005.

    `fct_sessions`

    | session_id | prompt_tokens | cached_tokens | completion_tokens | token_cost_amount | unpriced_usages_count |
    |---|---|---|---|---|---|
    | priced | 1000 | 400 | 500 | 0.044 | 0 |
    | unpriced | 1000 | 0 | 500 | | 1 |
    | overstated | 1000 | 1000 | 0 | 0.005 | 0 |
    """
    chat = tell.conversation("priced", at="2026-10-05 09:00:00")
    chat.use_tokens("assistant-large", 1000, 500, 400)
    chat = tell.conversation("unpriced", at="2026-10-05 10:00:00")
    chat.use_tokens("no-such-model", 1000, 500)
    chat = tell.conversation("overstated", at="2026-10-05 11:00:00")
    chat.use_tokens("assistant-large", 1000, 0, 5000)


@story(timezone="America/New_York")
def a_minute_before_midnight(tell: Teller) -> None:
    """A session that begins at 23:59:30 in New York, on the last day of October, belongs to October.

    In Shanghai it is noon of November 1st by then.

    `fct_sessions`

    | session_id | session_date | started_at | ended_at |
    |---|---|---|---|
    | s1 | 2026-10-31 | 2026-11-01T03:59:30Z | 2026-11-01T04:01:00Z |

    `ai_resolution_monthly`

    | month | sessions_count |
    |---|---|
    | 2026-10-01 | 1 |
    """
    chat = tell.conversation("s1", at="2026-10-31 23:59:30")
    tell.after(88)
    chat.end(90, 2)


@story()
def an_average_of_nothing_is_nothing(tell: Teller) -> None:
    """The only session of the month never got an answer: no response time is known, so neither sum nor average is 0.

    `ai_resolution_monthly`

    | month | sessions_count | timed_ai_turns_count | ai_response_time_ms_total | avg_ai_response_time_ms |
    |---|---|---|---|---|
    | 2026-10-01 | 1 | 0 | | |
    """
    tell.session("s1", at="2026-10-05 09:00:00").user_turn()
