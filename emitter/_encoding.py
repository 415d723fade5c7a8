"""Strict JSON from any values: what Postgres and every JSON parser can read back, and never an exception."""

import re
from typing import Any

import msgspec

_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_UNSAFE = re.compile("[\0\ud800-\udfff]")


def _describe(value: object) -> str:
    """What is written for a value that JSON has no form for: its type, not its contents (they may be personal)."""
    return f"<{type(value).__module__}.{type(value).__qualname__}>"


_encoder = msgspec.json.Encoder(enc_hook=_describe, decimal_format="number")


def encode(line: dict[str, Any]) -> bytes:
    """One line of strict JSON, without the newline.

    NaN and infinities become null; NUL characters and lone surrogates become U+FFFD; dates are RFC 3339; a value
    without a JSON form becomes the name of its type.
    """
    try:
        encoded = _encoder.encode(line)
    except (UnicodeEncodeError, TypeError, ValueError, RecursionError, OverflowError):
        return _encoder.encode(_plain(line))
    # Postgres can store no NUL, not even an escaped one; the needle also finds the harmless text `\\u0000`.
    return _encoder.encode(_plain(line)) if b"\\u0000" in encoded else encoded


def _plain(value: Any, depth: int = 0) -> Any:
    """``value`` rebuilt from what JSON can say; deeper than 32 levels only the type is kept."""
    if isinstance(value, str):
        return _UNSAFE.sub(_REPLACEMENT, value)
    if depth >= 32:
        return _describe(value)
    if isinstance(value, dict):
        return {_plain(_key(key), depth + 1): _plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item, depth + 1) for item in value]
    try:
        _encoder.encode(value)
    except Exception:
        return _describe(value)
    return value


def _key(key: object) -> str:
    return key if isinstance(key, str) else str(key)
