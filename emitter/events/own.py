"""The emitter itself (any product)."""

from typing import Literal

from ._base import Count, Event

#: No room in the buffer; or what came could not be made into a line.
Reason = Literal["buffer_full", "unwritable"]


class EmitterDropped(Event, tag="emitter.dropped"):
    """The emitter lost events that had taken a ``seq``; written, with the next one, as soon as writing works again.

    Not for products to log.
    """

    lines_count: Count
    reason: Reason
