"""The customer hub: business chat threads of the sales team, a handful."""

from datetime import UTC, date, datetime
from typing import Literal

from emitter import (
    HubContactBlocked,
    HubContactCreated,
    HubContactPromoted,
    HubMessage,
    HubThreadResolved,
    HubThreadSnoozed,
    HubThreadWaiting,
    HubTriggerFired,
    HubTriggerUsed,
)

from .agenda import Process
from .tenant import DAY, HOUR, MINUTE
from .world import World

_TriggerType = Literal["pre_sales", "after_sales", "bizdev"]
_KEYWORDS: dict[_TriggerType, list[str]] = {
    "pre_sales": ["price", "quote"],
    "after_sales": ["warranty", "repair"],
    "bizdev": ["distributor"],
}


def thread(world: World, day: date, number: int) -> Process:
    """One new contact of a day and the thread with it; the endings take turns."""
    chance = world.chance("hub", number)
    contact_id, thread_id = f"k-{chance.getrandbits(40):010x}", f"h-{chance.getrandbits(40):010x}"
    yield max(0.0, world.tenant.instant(day, chance.uniform(9.5, 16)) - world.now)
    world.write(HubContactCreated(contact_id=contact_id, source=chance.choice(("exhibition", "wechat", "referral"))))
    yield chance.around(60)
    trigger_type = chance.choice(list(_KEYWORDS))
    is_spam = number % 5 == 4
    world.write(
        HubMessage(
            thread_id=thread_id,
            contact_id=contact_id,
            speaker="them",
            message_length=round(chance.around(90)),
            file_types=["pdf"] if chance.happens(0.4) else None,
            keyword_hits=[] if is_spam else _KEYWORDS[trigger_type],
            kb_matched=not is_spam,
            topic=trigger_type.replace("_", " "),
        )
    )
    if is_spam:
        yield chance.around(5 * MINUTE)
        world.write(HubContactBlocked(contact_id=contact_id))
        return
    yield chance.uniform(1, 5)
    trigger_id = f"g-{chance.getrandbits(40):010x}"
    world.write(
        HubTriggerFired(
            thread_id=thread_id, trigger_id=trigger_id, trigger_type=trigger_type, fields_filled=chance.randint(1, 6)
        )
    )
    yield chance.around(12 * MINUTE)
    world.write(HubTriggerUsed(trigger_id=trigger_id, thread_id=thread_id))
    world.write(
        HubMessage(thread_id=thread_id, contact_id=contact_id, speaker="me", message_length=round(chance.around(120)))
    )
    yield chance.around(20 * MINUTE)
    ending = number % 5
    if ending == 0:
        world.write(HubThreadWaiting(thread_id=thread_id))
    elif ending == 1:
        until = datetime.fromtimestamp(world.now + chance.randint(1, 3) * DAY, UTC)
        world.write(HubThreadSnoozed(thread_id=thread_id, until=until))
    else:
        if ending == 2:
            world.write(HubContactPromoted(contact_id=contact_id, k_code=f"K{number:04d}", region="CN", level="B"))
        yield chance.around(2 * HOUR)
        world.write(HubThreadResolved(thread_id=thread_id))
