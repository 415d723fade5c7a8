"""Stories of human agents: who came, how long it took, who passed it on."""

from .story import story
from .teller import Teller


@story()
def taken_over_after_two_minutes(tell: Teller) -> None:
    """A human is asked for at 09:00:30, again at 09:01:00, and comes at 09:02:30; the session is let go at 09:10:00.

    The wait runs from the first call: 120 seconds. The agent holds the session for 450 seconds and answers after 30.

    `fct_sessions`

    | session_id | outcome | outcome_reason | escalation_reason | wait_seconds | agent_messages_count |
    |---|---|---|---|---|---|
    | s1 | escalated_to_human | agent_took_over | complaint | 120 | 1 |

    `agent_handling_monthly`

    | month | handled_sessions_count | avg_first_response_seconds | avg_handle_time_seconds | transfer_rate |
    |---|---|---|---|---|
    | 2026-10-01 | 1 | 120 | 450 | 0 |

    `fct_agent_handlings`

    | session_id | agent_id | wait_seconds | handle_seconds | first_reply_seconds | end_source |
    |---|---|---|---|---|---|
    | s1 | a1 | 120 | 450 | 30 | release |
    """
    chat = tell.conversation("s1", at="2026-10-05 09:00:00")
    tell.at("2026-10-05 09:00:30")
    chat.escalate("complaint", "high")
    tell.after(30)
    chat.escalate("impatient")
    tell.after(90)
    agent = tell.agent("a1")
    agent.take_over(chat, 120)
    tell.after(30)
    agent.say(chat)
    tell.at("2026-10-05 09:10:00")
    agent.release(chat, 450, 1)


@story()
def passed_back_and_forth(tell: Teller) -> None:
    """a1 holds a session for 5 minutes, a2 for 3, a1 again for 2: one session, three handlings, two transfers.

    The colleague takes over a minute after each transfer; only the first takeover answers an escalation.
    Handle time: (300 + 180 + 120) / 3 = 200 seconds; transfer rate: 2 transfers / 1 session.

    `agent_handling_monthly`

    | handled_sessions_count | handlings_count | transfers_count | transfer_rate | avg_handle_time_seconds |
    |---|---|---|---|---|
    | 1 | 3 | 2 | 2 | 200 |

    `fct_agent_handlings`

    | agent_id | end_source | handle_seconds | is_ping_pong |
    |---|---|---|---|
    | a1 | transfer | 300 | false |
    | a2 | transfer | 180 | false |
    | a1 | release | 120 | true |
    """
    chat = tell.conversation("s1", at="2026-10-05 09:00:00")
    first, second = tell.agent("a1"), tell.agent("a2")
    chat.escalate("customer_request")
    tell.after(60)
    first.take_over(chat)
    tell.after(minutes=5)
    first.transfer(chat, second, "specialist")
    tell.after(60)
    second.take_over(chat)
    tell.after(minutes=3)
    second.transfer(chat, first, "not mine")
    tell.after(60)
    first.take_over(chat)
    tell.after(minutes=2)
    first.release(chat)


@story()
def stepped_in_unasked(tell: Teller) -> None:
    """An agent joins without being asked: a takeover by a human, not an escalation.

    The house rate counts the session for the AI, containment does not.

    `fct_sessions`

    | session_id | outcome | outcome_reason | is_escalated | wait_seconds |
    |---|---|---|---|---|
    | s1 | human_takeover | agent_took_over | false | |

    `ai_resolution_monthly`

    | month | ai_resolution_rate | containment_rate |
    |---|---|---|
    | 2026-10-01 | 1 | 0 |
    """
    chat = tell.conversation("s1", at="2026-10-05 09:00:00")
    tell.after(20)
    agent = tell.agent("a1")
    agent.take_over(chat)
    tell.after(60)
    agent.release(chat)


@story()
def the_desk_was_closed(tell: Teller) -> None:
    """At three in the morning the hand-over is turned down; the AI says so.

    `fct_sessions`

    | session_id | outcome | outcome_reason | is_escalated | has_human_touch |
    |---|---|---|---|---|
    | s1 | escalation_failed | rejected | true | false |
    """
    chat = tell.conversation("s1", at="2026-10-05 03:00:00")
    tell.after(20)
    chat.escalate("customer_request", accepted=False)
    tell.after(1)
    chat.ai_turn(900)


@story()
def a_night_shift_belongs_to_its_first_day(tell: Teller) -> None:
    """A shift from 22:00 on Monday to 06:00 on Tuesday is Monday's, eight hours long; its hours are those of both days.

    `fct_agent_shifts`

    | agent_id | shift_date | end_source | duration_seconds | reported_work_minutes |
    |---|---|---|---|---|
    | a1 | 2026-10-05 | logout | 28800 | 480 |

    `agent_performance_daily`

    | agent_id | work_date | shifts_count | work_hours |
    |---|---|---|---|
    | a1 | 2026-10-05 | 1 | 2 |
    | a1 | 2026-10-06 | 1 | 6 |
    """
    agent = tell.agent("a1")
    tell.at("2026-10-05 22:00:00")
    agent.log_in()
    tell.after(hours=8)
    agent.log_out(480)


@story()
def forgot_to_log_out(tell: Teller) -> None:
    """On Monday the lid is closed at 17:30 without a logout; on Tuesday all is in order.

    The last that the logs have of Monday is a heartbeat at 17:27, so the shift is taken to end ten minutes later; the
    world knows that the work was over at 17:30.

    `fct_agent_shifts`

    | agent_id | shift_date | end_source | duration_seconds | ended_at |
    |---|---|---|---|---|
    | a1 | 2026-10-05 | inferred | 31020 | 2026-10-05T09:37:00Z |
    | a1 | 2026-10-06 | logout | 32400 | 2026-10-06T10:00:00Z |
    """
    agent = tell.agent("a1")
    tell.at("2026-10-05 09:00:00")
    agent.log_in()
    tell.at("2026-10-05 17:27:00")
    agent.beat()
    tell.at("2026-10-05 17:30:00")
    agent.walk_off()
    tell.at("2026-10-06 09:00:00")
    agent.log_in()
    tell.at("2026-10-06 18:00:00")
    agent.log_out()


@story()
def two_at_once(tell: Teller) -> None:
    """One session from 10:00 to 11:00, another from 10:30 to 11:30, and a break from 12:00 to 13:00.

    On the queue from 09:00 to 12:00 and from 13:00 to 14:00: 14,400 seconds. With a session in hand for 5,400 of them,
    the sessions together for 7,200: occupancy 0.375, and 1.333333 sessions at a time while there was one.

    `fct_agent_shifts`

    | on_queue_seconds | break_seconds | held_seconds | session_seconds | occupancy_rate | peak_concurrency |
    |---|---|---|---|---|---|
    | 14400 | 3600 | 5400 | 7200 | 0.375 | 2 |

    `fct_agent_status_intervals`

    | status | valid_from | valid_to | duration_seconds |
    |---|---|---|---|
    | offline | 2026-10-05T01:00:00Z | 2026-10-05T01:00:00Z | 0 |
    | online | 2026-10-05T01:00:00Z | 2026-10-05T04:00:00Z | 10800 |
    | break | 2026-10-05T04:00:00Z | 2026-10-05T05:00:00Z | 3600 |
    | online | 2026-10-05T05:00:00Z | 2026-10-05T06:00:00Z | 3600 |
    """
    agent = tell.agent("a1")
    tell.at("2026-10-05 09:00:00")
    agent.log_in()
    agent.change_status("online")
    first = tell.conversation("s1", at="2026-10-05 09:55:00")
    tell.at("2026-10-05 10:00:00")
    agent.take_over(first)
    second = tell.conversation("s2", at="2026-10-05 10:25:00")
    tell.at("2026-10-05 10:30:00")
    agent.take_over(second)
    tell.at("2026-10-05 11:00:00")
    agent.release(first)
    tell.at("2026-10-05 11:30:00")
    agent.release(second)
    tell.at("2026-10-05 12:00:00")
    agent.change_status("break")
    tell.at("2026-10-05 13:00:00")
    agent.change_status("online")
    tell.at("2026-10-05 14:00:00")
    agent.log_out()


@story()
def left_waiting(tell: Teller) -> None:
    """Two ask for a human: one gives up after five minutes, one is taken over after two.

    `fct_queue_waits`

    | session_id | wait_end | wait_seconds |
    |---|---|---|
    | s1 | abandoned | 300 |
    | s2 | taken_over | 120 |

    `queue_hourly`

    | hour_started_at | entered_count | taken_over_count | given_up_count | avg_wait_seconds | queue_abandonment_rate |
    |---|---|---|---|---|---|
    | 2026-10-05T01:00:00Z | 2 | 1 | 1 | 120 | 0.5 |
    """
    first = tell.conversation("s1", at="2026-10-05 09:00:00")
    tell.at("2026-10-05 09:01:00")
    first.escalate("customer_request")
    tell.at("2026-10-05 09:06:00")
    first.end(360, 2, "none")
    second = tell.conversation("s2", at="2026-10-05 09:10:00")
    tell.at("2026-10-05 09:11:00")
    second.escalate("customer_request")
    tell.at("2026-10-05 09:13:00")
    agent = tell.agent("a1")
    agent.take_over(second)
    tell.after(60)
    agent.release(second)
