"""A customer's visit: what is asked, how it goes on, what follows from it."""

from ..world.agenda import Process
from ..world.chance import Choice
from ..world.customer import Customer
from ..world.tenant import HOUR, MINUTE
from ..world.world import World
from .assistant import Assistant
from .audit import audit
from .casework import open_ticket
from .chat import Chat
from .handover import escalate, take_over

#: Share of visits after which the customer comes back about the same thing within three days.
RETURN_SHARE = 0.07
_ESCALATED_SHARE = 0.148
_JOINED_SHARE = 0.012
_OUTDATED_SHARE = 0.004
_AFTERMATH_SHARE = 0.01
#: Customers who write once more into a session that has ended.
_REOPENED_SHARE = 0.01
_QUESTIONS = Choice({1: 12, 2: 18, 3: 20, 4: 17, 5: 13, 6: 10, 7: 6, 8: 4})


def visit(world: World, customer: Customer | None = None) -> Process:
    """Play one session of a visitor, or of a certain customer who comes back."""
    chance = world.chance("session", world.session_count)
    visitor = customer or world.customers.visitor()
    session = world.new_session(
        visitor,
        world.customers.channel(visitor),
        is_test=chance.happens(0.01),
        is_outdated=chance.happens(_OUTDATED_SHARE) and "aliases" in world.settings.faults,
    )
    chat = Chat(world, session, chance)
    chat.open()
    yield from _talk(chat)
    if chance.happens(_AFTERMATH_SHARE):
        # What the AI has promised is done after the answer, and does not work.
        yield chance.around(20)
        session.call_workflow("after-sales-order", round(chance.around(700)), success=False)
    yield from chat.judge()
    is_helped = not session.is_escalated and session.is_answered and session.last_helpful is not False
    yield from chat.close(is_resolved=bool(session.agent_ids) or is_helped)
    if chance.happens(_REOPENED_SHARE):
        yield chance.around(10 * MINUTE)
        chat.user_turn()
        yield from Assistant(chat).answer()
        yield from chat.close(is_resolved=session.is_answered)
    world.finish(session)
    _follow_up(chat)


def _talk(chat: Chat) -> Process:
    """Questions and answers, until the customer is done or a human is needed."""
    world, chance = chat.world, chat.chance
    assistant = Assistant(chat)
    question_count = chance.pick(_QUESTIONS)
    turning_point = int(chance.random() * question_count)
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
    if session.is_escalated and chance.happens(0.28):
        open_ticket(world, session)
    if chance.happens(0.05):
        world.agenda.start(audit(world, session))
    if not session.customer.is_anonymous and chance.happens(RETURN_SHARE / 0.8):
        again_at = world.now + chance.uniform(0.5, 72) * HOUR
        if again_at < world.ends_at:
            world.agenda.start(visit(world, session.customer), again_at)
