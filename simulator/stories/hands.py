"""Stories of what goes wrong between hands: what is never let go, who waits and who does not; a day with two begins."""

from .story import story
from .teller import Teller


@story()
def a_session_that_was_never_released(tell: Teller) -> None:
    """Taken over at 9:05, last word at 9:10, neither released nor ended; the shift lasts from 9:00 to 17:30.

    After two hours without a word the session is over, with its last word: held for 300 seconds of 30,600, which is an
    occupancy of 0.009804. The agent has not worked on it until the evening.

    `fct_agent_handlings`

    | session_id | end_source | ended_at | handle_seconds |
    |---|---|---|---|
    | s1 | session_timeout | 2026-10-05T01:10:00Z | 300 |

    `fct_agent_shifts`

    | duration_seconds | held_seconds | occupancy_rate |
    |---|---|---|
    | 30600 | 300 | 0.009804 |
    """
    agent = tell.agent("a1")
    tell.at("2026-10-05 09:00:00")
    agent.log_in()
    agent.change_status("online")
    chat = tell.conversation("s1", at="2026-10-05 09:01:00")
    tell.at("2026-10-05 09:05:00")
    agent.take_over(chat)
    tell.at("2026-10-05 09:10:00")
    agent.say(chat)
    agent.forget(chat)
    tell.at("2026-10-05 17:30:00")
    agent.log_out()


@story()
def asked_for_the_boss(tell: Teller) -> None:
    """Taken over at 9:03 after a call at 9:01; at 9:10 the customer asks for the boss, who takes over at 9:15.

    With an agent at hand nobody waits in the queue: one wait of 120 seconds. The boss came unasked, for all that the
    queue knows. The first agent's workbench lets the session go once more at 9:16: the boss has it until 9:20.

    `fct_queue_waits`

    | session_id | wait_number | wait_end | wait_seconds |
    |---|---|---|---|
    | s1 | 1 | taken_over | 120 |

    `fct_agent_handlings`

    | agent_id | wait_seconds | end_source | handle_seconds | is_transferred |
    |---|---|---|---|---|
    | a1 | 120 | transfer | 660 | true |
    | boss | | release | 300 | false |
    """
    chat = tell.conversation("s1", at="2026-10-05 09:00:00")
    first, boss = tell.agent("a1"), tell.agent("boss")
    tell.at("2026-10-05 09:01:00")
    chat.escalate("complaint")
    tell.at("2026-10-05 09:03:00")
    first.take_over(chat)
    tell.at("2026-10-05 09:10:00")
    chat.escalate("wants_the_boss")
    tell.at("2026-10-05 09:14:00")
    first.transfer(chat, boss)
    tell.at("2026-10-05 09:15:00")
    boss.take_over(chat)
    tell.at("2026-10-05 09:16:00")
    first.release(chat)
    tell.at("2026-10-05 09:20:00")
    boss.release(chat)


@story()
def turned_down_and_found_all_the_same(tell: Teller) -> None:
    """Turned down at 8:00, before the desk opens; at 9:00 an agent looks through the night and takes the session over.

    Who is turned down does not wait: the hour before is nobody's first response.

    `fct_queue_waits`

    | session_id | wait_end | wait_seconds |
    |---|---|---|
    | s1 | rejected | 0 |

    `fct_agent_handlings`

    | session_id | escalated_at | wait_seconds | handle_seconds |
    |---|---|---|---|
    | s1 | | | 60 |
    """
    chat = tell.conversation("s1", at="2026-10-05 07:59:00")
    tell.at("2026-10-05 08:00:00")
    chat.escalate("customer_request", accepted=False)
    agent = tell.agent("a1")
    tell.at("2026-10-05 09:00:00")
    agent.take_over(chat)
    tell.after(60)
    agent.release(chat)


@story()
def answered_without_a_takeover(tell: Teller) -> None:
    """Called for at 9:01; at 9:03 an agent writes, of whose takeover the logs know nothing: answered after 120 seconds.

    `fct_sessions`

    | session_id | outcome | outcome_reason |
    |---|---|---|
    | s1 | escalated_to_human | agent_wrote |

    `fct_queue_waits`

    | session_id | wait_end | wait_seconds |
    |---|---|---|
    | s1 | answered | 120 |

    `queue_hourly`

    | entered_count | taken_over_count | answered_count | given_up_count | avg_wait_seconds | queue_abandonment_rate |
    |---|---|---|---|---|---|
    | 1 | 0 | 1 | 0 | 120 | 0 |
    """
    chat = tell.conversation("s1", at="2026-10-05 09:00:00")
    tell.at("2026-10-05 09:01:00")
    chat.escalate("customer_request")
    tell.at("2026-10-05 09:03:00")
    tell.agent("a1").say(chat)


@story(timezone="America/Havana")
def a_night_with_two_midnights(tell: Teller) -> None:
    """In Havana clocks go back from 1:00 to 0:00 on November 1st: a shift from 23:00 until 2:00 lasts four hours.

    The day begins at the first midnight: one hour is October's, three are November's.

    `agent_performance_daily`

    | work_date | work_hours |
    |---|---|
    | 2026-10-31 | 1 |
    | 2026-11-01 | 3 |
    """
    agent = tell.agent("a1")
    tell.at("2026-10-31 23:00:00")
    agent.log_in()
    tell.at("2026-11-01 02:00:00")
    agent.log_out()
