"""What is taken down of an event within the call."""

from typing import Any

from msgspec import Struct

from ._uuid7 import uuid7_of


class Entry(Struct, gc=False):
    """All that the line needs to know, which is made of it later, by another thread.

    body, end: JSON of name and fields, and the end of the name; texts: free texts that stand behind them when they are
    masked. Or else ``name`` and ``fields``, which hold nothing that can change any more, and are masked and encoded
    later. size: of either, in bytes or characters, about.
    """

    seq: int
    now: float
    bits: int
    tenant_id: object
    source: str
    size: int
    body: bytes | None
    end: int
    texts: tuple[tuple[str, str], ...] = ()
    timestamp: object = None
    name: str = ""
    fields: dict[Any, Any] | None = None


def event_id_of(entry: Entry) -> str:
    """The entry's event_id."""
    return uuid7_of(entry.now, entry.bits)
