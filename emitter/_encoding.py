"""Strict JSON from any values: what Postgres and every JSON parser can read back, and never an exception."""

import math
import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import count
from typing import Any, Literal

import msgspec

#: What had to be done to a value: characters that cannot be stored were replaced, or all of it was.
Change = Literal["characters", "value"]

_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_UNSAFE = re.compile("[\0\ud800-\udfff]")
#: Postgres can store no NUL, not even an escaped one; a decimal's NaN is written bare, a float's as null. The needles
#: also find harmless texts such as ``NaN`` in a message; these come out as they were.
_SUSPECTS = (b"\\u0000", b"NaN", b"Infinity", b"null")
#: Lists and dicts of one line that are looked into: structures that hold themselves would never end.
_MAX_CONTAINERS = 10_000
#: What the encoder raises.
FAILURES = (UnicodeEncodeError, TypeError, ValueError, RecursionError, OverflowError)


def _describe(value: object) -> str:
    """What is written for a value that JSON has no form for: its type, not its contents (they may be personal)."""
    return f"<{type(value).__module__}.{type(value).__qualname__}>"


#: For values that are known to be harmless; all others go through the functions below. Raises for other values.
encoder = msgspec.json.Encoder(decimal_format="number")


def encode(value: Any) -> bytes:
    """Any value as strict JSON, without a newline.

    NaN and infinities become null; NUL characters and lone surrogates become U+FFFD; dates are RFC 3339; a value
    without a JSON form becomes the name of its type.
    """
    return encode_fields({"": value})[0][len('{"":') : -1]


def encode_fields(fields: dict[str, Any]) -> tuple[bytes, dict[str, Change]]:
    """An object as :func:`encode` writes it, and what had to be done to which of its fields."""
    try:
        encoded = encoder.encode(fields)
    except FAILURES:
        pass
    else:
        if not is_suspicious(encoded):
            return encoded, {}
    changes: dict[str, Change] = {}
    counter = count(1)
    plain: dict[str, Any] = {}
    for name, value in fields.items():
        noted = list[Change]()
        plain[_text(name, noted)] = _plain(value, 0, counter, noted)
        if noted:
            changes[_text(name, [])] = "value" if "value" in noted else "characters"
    return encoder.encode(plain), changes


def is_suspicious(encoded: bytes) -> bool:
    """Whether JSON of the encoder may hold what must not be written, or a null that was something else."""
    return any(suspect in encoded for suspect in _SUSPECTS)


def _plain(value: Any, depth: int, counter: Iterator[int], noted: list[Change]) -> Any:
    """``value`` rebuilt from what JSON can say; what had to be done to it goes to ``noted``.

    Deeper than 32 levels, or after ``_MAX_CONTAINERS`` lists and dicts, only the type of a value is kept.
    """
    if isinstance(value, str):
        return _text(value, noted)
    if isinstance(value, float | Decimal) and not _is_finite(value):
        noted.append("value")
        return None
    if not isinstance(value, dict | list | tuple | set | frozenset):
        return value if _is_strict(value) else _replaced(value, noted)
    if depth >= 32 or next(counter) > _MAX_CONTAINERS:
        return _replaced(value, noted)
    if isinstance(value, dict):
        return {_text(key_text(key), noted): _plain(item, depth + 1, counter, noted) for key, item in value.items()}
    return [_plain(item, depth + 1, counter, noted) for item in value]


def _text(text: str, noted: list[Change]) -> str:
    safe, replaced_count = _UNSAFE.subn(_REPLACEMENT, text)
    if replaced_count:
        noted.append("characters")
    return safe


def _replaced(value: object, noted: list[Change]) -> str:
    noted.append("value")
    return _describe(value)


def _is_finite(value: float | Decimal) -> bool:
    return value.is_finite() if isinstance(value, Decimal) else math.isfinite(value)


def _is_strict(value: object) -> bool:
    """Whether an object, such as a number or a dataclass, is strict JSON as it is encoded."""
    try:
        encoded = encoder.encode(value)
    except Exception:
        return False
    return not any(suspect in encoded for suspect in _SUSPECTS[:3])


def key_text(key: object) -> str:
    """A dict's key as text; for a key that has none, its type."""
    try:
        return str(key)
    except Exception:
        return _describe(key)
