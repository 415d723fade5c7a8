"""Strict JSON from any values: what Postgres and every JSON parser can read back, and never an exception."""

import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import count
from typing import Any

import msgspec

_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_UNSAFE = re.compile("[\0\ud800-\udfff]")
#: Postgres can store no NUL, not even an escaped one, and a decimal's NaN is written bare. The needles also find
#: harmless texts such as ``NaN`` in a message; these come out as they were.
_SUSPECTS = (b"\\u0000", b"NaN", b"Infinity")
#: A byte, as a number, is found five times as fast as a word; most lines hold none of these.
_BACKSLASH, _N, _I = (suspect[0] for suspect in _SUSPECTS)
#: Lists and dicts of one line that are looked into: structures that hold themselves would never end.
_MAX_CONTAINERS = 10_000


def _describe(value: object) -> str:
    """What is written for a value that JSON has no form for: its type, not its contents (they may be personal)."""
    return f"<{type(value).__module__}.{type(value).__qualname__}>"


#: For values that are known to be harmless; all others go through :func:`encode`.
encoder = msgspec.json.Encoder(enc_hook=_describe, decimal_format="number")


def encode(line: Any) -> bytes:
    """One line of strict JSON, without the newline.

    NaN and infinities become null; NUL characters and lone surrogates become U+FFFD; dates are RFC 3339; a value
    without a JSON form becomes the name of its type.
    """
    try:
        encoded = encoder.encode(line)
    except (UnicodeEncodeError, TypeError, ValueError, RecursionError, OverflowError):
        return encoder.encode(_plain(line, 0, count(1)))
    return encoder.encode(_plain(line, 0, count(1))) if _is_suspicious(encoded) else encoded


def encode_struct(struct: msgspec.Struct) -> bytes | None:
    """The struct, with its tag, as :func:`encode` writes a dict of its fields that are not none.

    None where that needs a closer look: a value that JSON has no form for, a null, a suspect.
    """
    try:
        encoded = encoder.encode(struct)
    except (UnicodeEncodeError, TypeError, ValueError, RecursionError, OverflowError):
        return None
    # In a line, a field that is none is left out. ("in" with bytes is half as fast.)
    return None if encoded.find(b"null") >= 0 or _is_suspicious(encoded) else encoded


def _is_suspicious(encoded: bytes) -> bool:
    is_possible = _BACKSLASH in encoded or _N in encoded or _I in encoded
    return is_possible and any(suspect in encoded for suspect in _SUSPECTS)


def _plain(value: Any, depth: int, counter: Iterator[int]) -> Any:
    """``value`` rebuilt from what JSON can say.

    Deeper than 32 levels, or after ``_MAX_CONTAINERS`` lists and dicts, only the type of a value is kept.
    """
    if isinstance(value, str):
        return _UNSAFE.sub(_REPLACEMENT, value)
    if isinstance(value, Decimal) and not value.is_finite():
        return None
    if not isinstance(value, dict | list | tuple | set | frozenset):
        return value if _is_strict(value) else _describe(value)
    if depth >= 32 or next(counter) > _MAX_CONTAINERS:
        return _describe(value)
    if isinstance(value, dict):
        return {
            _UNSAFE.sub(_REPLACEMENT, key_text(key)): _plain(item, depth + 1, counter) for key, item in value.items()
        }
    return [_plain(item, depth + 1, counter) for item in value]


def _is_strict(value: object) -> bool:
    """Whether an object, such as a number or a dataclass, is strict JSON as it is encoded."""
    try:
        encoded = encoder.encode(value)
    except Exception:
        return False
    return not _is_suspicious(encoded)


def key_text(key: object) -> str:
    """A dict's key as text; for a key that has none, its type."""
    try:
        return str(key)
    except Exception:
        return _describe(key)
