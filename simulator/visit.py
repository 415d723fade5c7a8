"""A customer's visit: what is asked, how it goes on, what follows from it."""

from .agenda import Process
from .assistant import Assistant
from .audit import audit
from .casework import open_ticket
from .chat import Chat
from .customer import Customer
from .handover import escalate, take_over
from .session import Session
from .tenant import HOUR
from .world import World

#: Share of visits after which the customer comes back about the same thing within three days.
RETURN_SHARE = 0.07
_ESCALATED_SHARE = 0.148
_JOINED_SHARE = 0.012
_QUESTIONS = (1, 2, 3, 4, 5, 6, 7, 8)
_QUESTION_WEIGHTS = (12, 18, 20, 17, 13, 10, 6, 4)


def visit(world: World, customer: Customer | None = None) -> Process:
    """Play one session of a visitor, or of a certain customer who comes back."""
    number = len(world.sessions)
    chance = world.chance("session", number)
    visitor = customer or world.customers.visitor()
    session = Session(
        session_id=f"s-{chance.getrandbits(48):012x}",
        customer=visitor,
        channel=world.customers.channel(visitor),
        started_at=world.now,
        is_test=chance.happens(0.01),
        is_outdated=chance.happens(0.004),
    )
    world.sessions.append(session)
    chat = Chat(world, session, chance)
    chat.open()
    yield from _talk(chat)
    yield from chat.judge()
    is_resolved = bool(session.agent_ids) or (
        session.escalated_at is None and session.is_answered and session.last_helpful is not False
    )
    yield from chat.close(is_resolved=is_resolved)
    _follow_up(chat)


def _talk(chat: Chat) -> Process:
    """Questions and answers, until the customer is done or a human is needed."""
    world, chance = chat.world, chat.chance
    assistant = Assistant(chat)
    question_count = chance.choices(_QUESTIONS, _QUESTION_WEIGHTS)[0]
    turning_point = chance.randrange(question_count)
    wants_human = chance.happens(_ESCALATED_SHARE)
    is_joined = not wants_human and chance.happens(_JOINED_SHARE)
    yield 0.05
    for number in range(question_count):
        if number:
            yield chance.around(38, 0.7)
        chat.user_turn()
        yield from assistant.answer()
        if number != turning_point:
            continue
        if wants_human:
            yield chance.around(6)
            yield from escalate(chat)
            return
        agent = world.desk.free_agent() if is_joined else None
        if agent is not None:
            yield from take_over(chat, agent)
            return


def _follow_up(chat: Chat) -> None:
    """What the session leads to: a ticket, a quality audit, another visit."""
    world, session, chance = chat.world, chat.session, chat.chance
    if session.escalated_at is not None and chance.happens(0.28):
        open_ticket(world, session)
    if chance.happens(0.05):
        world.agenda.start(audit(world, session))
    if not session.customer.is_anonymous and chance.happens(RETURN_SHARE / 0.8):
        again_at = world.now + chance.uniform(0.5, 72) * HOUR
        if again_at < world.ends_at:
            world.agenda.start(visit(world, session.customer), again_at)
