"""Stories of replays: a conversation read from top to bottom."""

from ..world.words import Words, words
from .story import story
from .teller import Teller


@story()
def replayed_step_by_step(tell: Teller) -> None:
    """A refund, with every kind of step there is: the AI looks it up and asks for leave, two agents see it through.

    1,000 prompt and 500 completion tokens of `assistant-large` at ¥0.02 and ¥0.06 per 1,000 are ¥0.05; the workflow costs
    ¥0.01 more, and the 2,000 prompt tokens after the leave, half of them cached at ¥0.005, another ¥0.025.
    a1 has the session from 09:02:10 to 09:03:00, a2 from 09:03:30 to 09:05:00; in between nobody has.

    `replay_steps`

    | step_number | step_type | actor_type | detail | held_by_agent_id | seconds_since_previous | seconds_since_start | running_ai_cost_amount |
    |---|---|---|---|---|---|---|---|
    | 1 | session_start | customer | web | | | 0 | 0 |
    | 2 | user_message | customer | | | 0 | 0 | 0 |
    | 3 | intent | ai | refund | | 1 | 1 | 0 |
    | 4 | routing | ai | after-sales-agent | | 0 | 1 | 0 |
    | 5 | tool_call | ai | after-sales-policy | | 1 | 2 | 0.06 |
    | 6 | query | ai | parcel at sf-express | | 1 | 3 | 0.06 |
    | 7 | ai_message | ai | | | 1 | 4 | 0.06 |
    | 8 | interrupt | ai | requested: refund | | 30 | 34 | 0.06 |
    | 9 | interrupt | agent | approved: refund | | 30 | 64 | 0.06 |
    | 10 | error | system | timeout | | 5 | 69 | 0.085 |
    | 11 | escalation | system | customer_request | | 1 | 70 | 0.085 |
    | 12 | takeover | agent | | a1 | 60 | 130 | 0.085 |
    | 13 | agent_message | agent | | a1 | 30 | 160 | 0.085 |
    | 14 | note | agent | | a1 | 10 | 170 | 0.085 |
    | 15 | transfer | agent | to a2 | | 10 | 180 | 0.085 |
    | 16 | takeover | agent | | a2 | 30 | 210 | 0.085 |
    | 17 | user_message | customer | | a2 | 60 | 270 | 0.085 |
    | 18 | release | agent | | | 30 | 300 | 0.085 |
    | 19 | feedback | customer | helpful | | 10 | 310 | 0.085 |
    | 20 | feedback | customer | 5 of 5 | | 10 | 320 | 0.085 |
    | 21 | session_end | system | completed | | 10 | 330 | 0.085 |

    What was said, where texts are captured:

    `replay_steps`

    | step_number | agent_id | masked_text |
    |---|---|---|
    | 1 | | |
    | 2 | | I want my money back. Call me: [phone] |
    | 3 | | |
    | 4 | | |
    | 5 | | |
    | 6 | | |
    | 7 | | One moment. |
    | 8 | | |
    | 9 | | |
    | 10 | | |
    | 11 | | |
    | 12 | a1 | |
    | 13 | a1 | You get it back today. |
    | 14 | a1 | |
    | 15 | a1 | |
    | 16 | a2 | |
    | 17 | | Thank you! |
    | 18 | a2 | |
    | 19 | | |
    | 20 | | |
    | 21 | | |

    A contact with a human costs ¥10.00.

    `conversations`

    | session_id | outcome | ai_agents | human_agents | turns_count | last_rating_score | ai_cost_amount | cost_amount |
    |---|---|---|---|---|---|---|---|
    | s1 | escalated_to_human | after-sales-agent | a1, a2 | 4 | 5 | 0.085 | 10.085 |
    """  # noqa: E501 - rows of tables
    chat = tell.session("s1", at="2026-10-05 09:00:00")
    said = Words("I want my money back. Call me: +86 138 0013 8000", "I want my money back. Call me: [phone]")
    chat.user_turn(words=said)
    tell.after(1)
    chat.recognise("refund")
    chat.route("after-sales-agent")
    tell.after(1)
    chat.use_tokens("assistant-large", 1000, 500)
    chat.call_workflow("after-sales-policy", success=True)
    tell.after(1)
    chat.query_tracking("SF100", "sf-express", success=True)
    tell.after(1)
    chat.ai_turn(4000, words=words("One moment."))
    tell.after(30)
    chat.interrupt("i1", "requested", "refund")
    tell.after(30)
    chat.interrupt("i1", "approved", "refund")
    chat.use_tokens("assistant-large", 2000, 0, 1000)
    tell.after(5)
    chat.fail("timeout")
    tell.after(1)
    chat.escalate("customer_request")
    tell.after(60)
    first, second = tell.agent("a1"), tell.agent("a2")
    first.take_over(chat)
    tell.after(30)
    first.say(chat, words=words("You get it back today."))
    tell.after(10)
    first.note(chat, 12)
    tell.after(10)
    first.transfer(chat, second, "shift_end")
    tell.after(30)
    second.take_over(chat)
    tell.after(60)
    chat.user_turn(words=words("Thank you!"))
    tell.after(30)
    second.release(chat)
    tell.after(10)
    chat.give_feedback(helpful=True)
    tell.after(10)
    chat.rate(5, "human")
    tell.after(10)
    chat.end(330, 4, "human", "completed")
