"""The short way to an event's JSON: encoded as it stands, where no field has to be looked at first.

What comes out is, byte for byte, what :func:`emitter._bodies.treated` and :func:`emitter._bodies.body` lead to, at a
tenth of the cost; where that is not sure, nothing comes out, and those are asked.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from ._bodies import EVENT_NAME, FORBIDDEN, SETTABLE, free_text, name_end, shadowed
from ._encoding import FAILURES, encode_fields, encoder, is_suspicious
from ._masking import Mask
from .context import left_out
from .events import KNOWN_EVENTS

#: JSON of name and fields, the end of the name, and free texts that are yet to be masked and put behind the rest.
Body = tuple[bytes, int, tuple[tuple[str, str], ...]]

_Kind = tuple[int, frozenset[str], tuple[tuple[str, bytes, bool], ...], frozenset[str]]
_encode = encoder.encode
#: A byte, as a number, is found five times as fast as a word.
_BACKSLASH, _N, _I = b"\\NI"


def _typed_kind(name: str) -> _Kind:
    """Of an event class: the end of its name, its fields, those of free text, and what must not stand in ``extra``."""
    own = frozenset(KNOWN_EVENTS[name].__struct_fields__)
    free = free_text(name)
    cuts = tuple((field, b',"%s":' % field.encode(), free[field]) for field in free if field in own)
    return name_end(name), own, cuts, own | FORBIDDEN | SETTABLE | free.keys()


_TYPED = {event_class: _typed_kind(name) for name, event_class in KNOWN_EVENTS.items() if not shadowed(name)}


@lru_cache(maxsize=256)
def _plain_kind(name: str) -> tuple[int, tuple[tuple[str, bool], ...], frozenset[str]] | None:
    """Of an event's name: its end, the fields of free text, and those that have to be looked at."""
    if shadowed(name) or not EVENT_NAME.fullmatch(name):
        return None
    return name_end(name), tuple(free_text(name).items()), FORBIDDEN | SETTABLE


def short_body(event: Any, extra: Any, context: Mapping[str, Any] | None, *, captures: bool) -> Body | None:
    """The body of an event, or of an event's name and ``extra``; None where a field must be looked at first.

    captures: captured text is kept.
    """
    known = _TYPED.get(type(event))
    try:
        if known is None:
            return _plain_body(event, extra, context, captures=captures)
        encoded = _encode(event)
        texts: tuple[tuple[str, str], ...] = ()
        for field, beginning, is_captured in known[2]:
            text = getattr(event, field)
            if text is None:
                continue
            written = beginning + _encode(text)
            if type(text) is not str or encoded.count(written) != 1:
                return None
            encoded = encoded.replace(written, b"")
            if captures or not is_captured:
                texts += ((field, text),)
        if extra or context is not None:
            more = _added(event, extra, context, known)
            if more is None:
                return None
            if more:
                encoded = b"%s,%s" % (encoded[:-1], _encode(more)[1:])
    except FAILURES:
        return None
    return None if _is_doubtful(encoded) else (encoded, known[0], texts)


def with_texts(encoded: bytes, texts: tuple[tuple[str, str], ...], mask: Mask) -> bytes:
    """The body with its free texts, masked."""
    masked, _ = encode_fields({field: mask(text) for field, text in texts})
    return b"%s,%s" % (encoded[:-1], masked[1:])


def _added(event: Any, extra: Any, context: Mapping[str, Any] | None, known: _Kind) -> dict[str, Any] | None:
    """What stands behind the event's own fields; None where it must be looked at. Raises where a name is no text."""
    _, own, cuts, barred = known
    more: dict[str, Any] = {}
    if extra:
        if type(extra) is not dict or not barred.isdisjoint(extra):
            return None
        "".join(extra)
        more = extra
    if context is not None:
        bound = {field: context[field] for field in context if field in own and getattr(event, field) is None}
        if bound:
            if any(field in bound for field, _, _ in cuts):
                return None
            more = {**more, **bound}
    return more


def _plain_body(name: Any, extra: Any, context: Mapping[str, Any] | None, *, captures: bool) -> Body | None:
    known = _plain_kind(name) if type(name) is str else None
    if known is None:
        return None
    end, free, barred = known
    fields = {"event": name}
    if extra:
        if type(extra) is not dict or not barred.isdisjoint(extra):
            return None
        # Raises where a name is no text.
        "".join(extra)
        fields |= extra
    if context is not None:
        bound = left_out(context, name, extra or {})
        if not barred.isdisjoint(bound):
            return None
        fields |= bound
    texts: tuple[tuple[str, str], ...] = ()
    for field, is_captured in free:
        if field in fields:
            text = fields.pop(field)
            if type(text) is not str:
                return None
            if captures or not is_captured:
                texts += ((field, text),)
    encoded = _encode(fields)
    return None if _is_doubtful(encoded) else (encoded, end, texts)


def _is_doubtful(encoded: bytes) -> bool:
    """Whether it may hold what must not be written; most lines hold none of the bytes that suspects begin with."""
    # In a line of an event object, a field that is none is left out.
    return encoded.find(b"null") >= 0 or (
        (_BACKSLASH in encoded or _N in encoded or _I in encoded) and is_suspicious(encoded)
    )
