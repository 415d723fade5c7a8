"""What all events of a request have in common, carried by ``contextvars``: through await, tasks and copied contexts.

>>> with bind(session_id="s1", tenant_id="acme"):
...     log.info("session.message", extra={"role": "user", "message_length": 12})
...     log.info(in_context(SessionMessage, role="user", message_length=12))

``tenant_id`` becomes that of the line. Other fields fill what a call leaves out: of an event of the contract those that
it has, of any other event all. What the call gives goes before.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any, TypeVar

from .events import KNOWN_EVENTS, Event

_Event = TypeVar("_Event", bound=Event)
_BOUND: ContextVar[Mapping[str, Any] | None] = ContextVar("emitter_bound", default=None)
_FIELDS = {name: frozenset(event_class.__struct_fields__) for name, event_class in KNOWN_EVENTS.items()}

#: The bound fields, or None; called for every event.
current = _BOUND.get


@contextmanager
def bind(**fields: Any) -> Iterator[None]:
    """Bind fields for the events of a block, beside those that are bound around it."""
    token = _BOUND.set({**(current() or {}), **fields})
    try:
        yield
    finally:
        # A generator may be left in another context than it was entered in.
        with suppress(ValueError):
            _BOUND.reset(token)


def bind_on(fields: Mapping[str, Any]) -> None:
    """Bind fields for all that is still to come in this context, such as a copied one that ends with a request."""
    _BOUND.set({**(current() or {}), **fields})


def bound() -> dict[str, Any]:
    """The fields that are bound here."""
    return dict(current() or {})


def in_context(event_class: type[_Event], **fields: Any) -> _Event:
    """An event with the bound fields that its class has, and those given. Raises TypeError where one is missing."""
    known = event_class.__struct_fields__
    for name, value in (current() or {}).items():
        if name in known and name not in fields:
            fields[name] = value
    return event_class(**fields)


def left_out(context: Mapping[str, Any], name: str, given: Mapping[Any, Any]) -> dict[str, Any]:
    """The bound fields that an event of this name takes and was not given; ``tenant_id`` apart."""
    known = _FIELDS.get(name)
    return {
        field: value
        for field, value in context.items()
        if field != "tenant_id" and given.get(field) is None and (known is None or field in known)
    }
