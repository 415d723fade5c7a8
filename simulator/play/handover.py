"""The hand-over: from the AI to a human agent, or to nobody."""

from ..world.agenda import Process
from ..world.agent import Agent
from ..world.chance import Choice
from ..world.session import Severity
from ..world.tenant import MINUTE
from .chat import Chat
from .claims import claimed, claimed_count

_REASONS = Choice({"customer_request": 0.5, "repeated_fallback": 0.2, "complaint": 0.18, "sensitive_topic": 0.12})
_KEYWORDS = Choice({"人工": 0.45, "agent": 0.3, "human": 0.15, "转人工": 0.1})
_SEVERITIES: Choice[Severity] = Choice({"low": 35, "medium": 45, "high": 17, "critical": 3})
_SEVERITIES_OF_COMPLAINTS: Choice[Severity] = Choice({"low": 5, "medium": 30, "high": 45, "critical": 20})
_TRANSFER_REASONS = Choice({"specialist": 0.6, "language": 0.25, "shift_end": 0.15})
#: Sessions that are neither released nor ended, with the fault ``missing_logouts``.
_FORGETFUL_SHARE = 0.06
#: Agents in turn at most; more than two of them may be the same ones, back and forth.
_MOST_HOLDS = 5


def escalate(chat: Chat) -> Process:
    """Ask for a human: taken over after a wait, turned down, or left waiting."""
    world, session, chance = chat.world, chat.session, chat.chance
    is_rejected = chance.happens(0.02 if world.desk.is_open else 0.7)
    reason = chance.pick(_REASONS)
    is_grave = reason in {"complaint", "sensitive_topic"}
    session.escalate(
        reason,
        chance.pick(_SEVERITIES_OF_COMPLAINTS if is_grave else _SEVERITIES),
        chance.pick(_KEYWORDS) if reason == "customer_request" else None,
        # Accepted is said, or as often not said, which means the same.
        accepted=False if is_rejected else True if chance.happens(0.5) else None,
    )
    if is_rejected:
        yield chance.around(1.2)
        chat.ai_turn(round(chance.around(700)))
        return
    if chance.happens(0.15):
        yield chance.around(15)
        session.escalate("impatient", chance.pick(_SEVERITIES))
    agent = yield from world.desk.wait_for_agent(patience=chance.around(6 * MINUTE))
    if agent is not None:
        yield from take_over(chat, agent)


def take_over(chat: Chat, agent: Agent) -> Process:
    """An agent takes the session over, talks, perhaps passes it on, and lets it go."""
    world, session, chance = chat.world, chat.session, chat.chance
    agent.hold(session)
    yield chance.around(32, 0.7)
    began_at, first_turn = world.now, session.agent_turn_count
    asked_at = session.escalated_at
    agent.take_over(session, None if asked_at is None else claimed(world.now - asked_at, chance, 1))
    for number in range(2 + int(chance.random() * 6)):
        yield chance.around(28 if number == 0 else 55)
        agent.say(session, 1 + int(chance.around(70)), chat.words("agent"))
        if chance.happens(0.85):
            yield chance.around(35)
            chat.user_turn()
    if chance.happens(0.3):
        yield chance.around(15)
        agent.note(session, 1 + int(chance.around(60)))
    colleague = _colleague(chat, agent)
    if colleague is not None:
        agent.transfer(session, colleague, chance.pick(_TRANSFER_REASONS))
        yield from take_over(chat, colleague)
        return
    yield chance.around(20)
    if "missing_logouts" in world.settings.faults and chance.happens(_FORGETFUL_SHARE):
        agent.forget(session)
        chat.is_forgotten = True
        return
    agent.release(
        session,
        handle_seconds=claimed(world.now - began_at, chance, 1),
        message_count=claimed_count(session.agent_turn_count - first_turn, chance),
    )


def _colleague(chat: Chat, agent: Agent) -> Agent | None:
    """To whom the session is passed on, if it is: somebody who is free, or back to whom it came from."""
    world, session, chance = chat.world, chat.session, chat.chance
    if len(session.agent_ids) >= _MOST_HOLDS:
        return None
    if len(session.agent_ids) > 1 and chance.happens(0.2):
        before = next(other for other in world.desk.agents if other.agent_id == session.agent_ids[-2])
        return before if before.is_free else None
    return world.desk.free_agent(besides=agent) if chance.happens(0.09) else None
