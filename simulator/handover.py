"""The hand-over: from the AI to a human agent, or to nobody."""

from typing import Literal

from emitter import (
    AgentSessionNote,
    AgentSessionRelease,
    AgentSessionTakeover,
    AgentSessionTransfer,
    SessionEscalate,
)

from .agenda import Process
from .agent import Agent
from .chat import Chat
from .claims import claimed, claimed_count
from .shift import hold, let_go
from .tenant import MINUTE

_REASONS = {"customer_request": 0.5, "repeated_fallback": 0.2, "complaint": 0.18, "sensitive_topic": 0.12}
_KEYWORDS = {"人工": 0.45, "agent": 0.3, "human": 0.15, "转人工": 0.1}


def escalate(chat: Chat) -> Process:
    """Ask for a human: taken over after a wait, turned down, or left waiting."""
    world, session, chance = chat.world, chat.session, chat.chance
    session.escalated_at = world.now
    session.was_rejected = chance.happens(0.02 if world.desk.is_open else 0.7)
    reason = chance.pick(_REASONS)
    chat.write(
        SessionEscalate(
            session_id=session.session_id,
            reason=reason,
            severity=_severity(chat, reason),
            trigger_keyword=chance.pick(_KEYWORDS) if reason == "customer_request" else None,
            accepted=_accepted(chat),
        )
    )
    if session.was_rejected:
        yield chance.around(1.2)
        chat.ai_turn(response_time_ms=round(chance.around(700)))
        return
    agent = yield from world.desk.wait_for_agent(patience=chance.around(6 * MINUTE))
    if agent is not None:
        yield from take_over(chat, agent)


def take_over(chat: Chat, agent: Agent) -> Process:
    """An agent takes the session over, talks, perhaps passes it on, and lets it go."""
    world, session, chance = chat.world, chat.session, chat.chance
    hold(world, agent, session.session_id)
    yield chance.around(32, 0.7)
    asked_at = session.escalated_at
    wait = None if asked_at is None else claimed(world.now - asked_at, chance, 1)
    began_at, first_turn = world.now, session.agent_turn_count
    session.agent_ids.append(agent.agent_id)
    world.write(
        AgentSessionTakeover(agent_id=agent.agent_id, session_id=session.session_id, wait_duration_seconds=wait)
    )
    for number in range(chance.randint(2, 7)):
        yield chance.around(28 if number == 0 else 55)
        chat.agent_turn(agent)
        if chance.happens(0.85):
            yield chance.around(35)
            chat.user_turn()
    if chance.happens(0.3):
        yield chance.around(15)
        world.write(
            AgentSessionNote(
                agent_id=agent.agent_id, session_id=session.session_id, note_length=round(chance.around(60))
            )
        )
    colleague = world.desk.free_agent(besides=agent) if chance.happens(0.09) and len(session.agent_ids) < 3 else None
    if colleague is not None:
        yield from _transfer(chat, agent, colleague)
        return
    yield chance.around(20)
    world.write(
        AgentSessionRelease(
            agent_id=agent.agent_id,
            session_id=session.session_id,
            handle_duration_seconds=claimed(world.now - began_at, chance, 1),
            message_count=claimed_count(session.agent_turn_count - first_turn, chance),
        )
    )
    let_go(world, agent, session.session_id)


def _transfer(chat: Chat, agent: Agent, colleague: Agent) -> Process:
    world, session = chat.world, chat.session
    world.write(
        AgentSessionTransfer(
            agent_id=agent.agent_id,
            session_id=session.session_id,
            target_agent_id=colleague.agent_id,
            reason=chat.chance.pick({"specialist": 0.6, "language": 0.25, "shift_end": 0.15}),
        ),
        is_outdated=world.now < agent.outdated_until,
    )
    let_go(world, agent, session.session_id)
    yield from take_over(chat, colleague)


def _severity(chat: Chat, reason: str) -> Literal["low", "medium", "high", "critical"]:
    weights = (5, 30, 45, 20) if reason in {"complaint", "sensitive_topic"} else (35, 45, 17, 3)
    severities: list[Literal["low", "medium", "high", "critical"]] = ["low", "medium", "high", "critical"]
    return chat.chance.choices(severities, weights)[0]


def _accepted(chat: Chat) -> bool | None:
    """False when turned down; else true or, as often, not said, which means true."""
    if chat.session.was_rejected:
        return False
    return True if chat.chance.happens(0.5) else None
