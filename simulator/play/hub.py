"""The customer hub: business chats of the sales team."""

from datetime import date

from ..world.agenda import Process
from ..world.chance import Chance, Choice
from ..world.scoring import BLACKLIST, KEYWORD_POINTS
from ..world.tenant import DAY, HOUR, MINUTE
from ..world.thread import Contact, Thread, TriggerType
from ..world.world import World

_TRIGGER_TYPES: Choice[TriggerType] = Choice({"pre_sales": 5, "after_sales": 3, "bizdev": 2})
_SOURCES = Choice({"exhibition": 2, "wechat": 5, "referral": 3})
_FILES = Choice({"": 6, "pdf": 2, "xls": 1, "cad": 1, "pdf cad": 1})
#: Taken in turn, so that each day has all of them.
_ENDINGS = ("resolved", "waiting", "snoozed", "unanswered")


def business_chat(world: World, day: date, number: int) -> Process:
    """One new contact of a local day and the thread with it; some come back with another one."""
    chance = world.chance("hub", day, number)
    yield max(0.0, world.tenant.instant(day, chance.uniform(8.5, 19)) - world.now)
    contact = Contact(world, f"k-{chance.getrandbits(40):010x}")
    thread = world.new_thread(f"h-{chance.getrandbits(40):010x}", contact)
    contact.come(chance.pick(_SOURCES))
    yield chance.around(60)
    trigger_type = chance.pick(_TRIGGER_TYPES)
    if chance.happens(0.15):
        thread.say("them", keyword_hits=(chance.choice(BLACKLIST),), topic="spam")
        yield chance.around(5 * MINUTE)
        contact.block()
    else:
        ending = _ENDINGS[number % len(_ENDINGS)]
        for _ in range(1 + int(chance.random() * 4) if ending != "unanswered" else 0):
            yield from _exchange(thread, chance, trigger_type)
        yield from _finish(world, thread, chance, trigger_type, ending)
    world.finish(thread)
    if chance.happens(0.25):
        yield chance.around(DAY)
        thread = world.new_thread(f"h-{chance.getrandbits(40):010x}", contact)
        yield from _exchange(thread, chance, trigger_type)
        world.finish(thread)


def _exchange(thread: Thread, chance: Chance, trigger_type: TriggerType) -> Process:
    """They write, the hub suggests, we answer, or do not."""
    for _ in range(1 + int(chance.random() * 2)):
        keywords = list(KEYWORD_POINTS[trigger_type])
        thread.say(
            "them",
            1 + int(chance.around(90)),
            file_types=chance.pick(_FILES).split(),
            keyword_hits=chance.sample(keywords, int(chance.random() * len(keywords))),
            kb_matched=chance.happens(0.6),
            topic=trigger_type.replace("_", " "),
        )
        yield chance.around(2 * MINUTE)
    if chance.happens(0.6):
        trigger_id = f"g-{chance.getrandbits(40):010x}"
        thread.fire(trigger_id, trigger_type, 1 + int(chance.random() * 6))
        yield chance.around(12 * MINUTE)
        if chance.happens(0.5):
            thread.use(trigger_id)
    if chance.happens(0.85):
        yield chance.around(15 * MINUTE, 0.9)
        thread.say("me", 1 + int(chance.around(120)))
    elif chance.happens(0.3):
        yield chance.around(15 * MINUTE, 0.9)
        thread.resolve()
    yield chance.around(6 * HOUR, 1.0)


def _finish(world: World, thread: Thread, chance: Chance, trigger_type: TriggerType, ending: str) -> Process:
    """The thread is marked, or not; somebody decides what the contact is, or nobody does."""
    if chance.happens(0.1):
        thread.contact.block()
        yield chance.around(HOUR)
    if chance.happens(0.35):
        thread.contact.promote(f"K{chance.randrange(10_000):04d}", region=world.tenant.timezone, level="B")
        yield chance.around(HOUR)
    match ending:
        case "resolved":
            thread.resolve()
        case "waiting":
            thread.await_answer()
        case "snoozed":
            thread.snooze(world.now + (1 + int(chance.random() * 3)) * DAY)
            if chance.happens(0.4):
                yield chance.around(DAY)
                thread.say("them")
        case _:
            # Worth something, but not much, and nobody answers.
            thread.say("them", keyword_hits=list(KEYWORD_POINTS[trigger_type])[1:3], kb_matched=True)
