"""Why a line is rejected: the slow path, taken by bad lines only."""

import re
from dataclasses import dataclass
from typing import Literal

import msgspec

Reason = Literal[
    "blank_line",
    "line_too_long",
    "invalid_utf8",
    "lone_surrogate",
    "nul_character",
    "not_json",
    "not_an_object",
    "too_deep",
    "missing_event",
    "missing_field",
    "wrong_type",
    "invalid_value",
    "bad_timestamp",
    "refused_by_database",
]

#: Objects and lists within each other, the line's own object included. A limit of ours, so that it does not depend on
#: how deep the stack is when a line is read; PostgreSQL takes some thousand levels.
MAX_DEPTH = 500
TOO_DEEP = f"objects or lists are nested deeper than {MAX_DEPTH} levels"

_ANY_JSON = msgspec.json.Decoder(msgspec.Raw)
_PATH = re.compile(r" - at `\$\.?(?P<path>[^`]*)`$")
_MISSING = re.compile(r"missing required field `(?P<field>[^`]*)`")
# Alternatives in this order, so that an escaped backslash is never taken for the start of the next escape.
_BRACKET_OR_TEXT = re.compile(rb'[\[{]|[\]}]|"(?:[^"\\]|\\.)*"', re.DOTALL)
_ESCAPE = re.compile(
    rb"\\(?:(?P<pair>u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})"
    rb"|(?P<lone>u[dD][89a-fA-F][0-9a-fA-F]{2})|(?P<nul>u0000)|.)",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Rejection:
    """A line that is not loaded. ``detail`` says what and where and never holds a value of the line."""

    number: int
    line: bytes
    length: int
    reason: Reason
    detail: str


class LineRefusedError(Exception):
    """Raised while a line is checked; becomes its :class:`Rejection`."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(reason)
        self.reason: Reason = reason
        self.detail = detail


def has_nul_escape(line: bytes) -> bool:
    """Whether the line holds the escape of the character NUL, which no text column can store."""
    return b"\\u0000" in line and any(found["nul"] for found in _ESCAPE.finditer(line))


def is_too_deep(line: bytes) -> bool:
    """Whether a line of JSON is nested deeper than ``MAX_DEPTH``."""
    if line.count(b"{") + line.count(b"[") <= MAX_DEPTH:
        return False
    depth = deepest = 0
    for found in _BRACKET_OR_TEXT.finditer(line):
        if found[0] in (b"{", b"["):
            depth += 1
            deepest = max(deepest, depth)
        elif found[0] in (b"}", b"]"):
            depth -= 1
    return deepest > MAX_DEPTH


def is_utf8(content: bytes) -> bool:
    """Whether the bytes are text."""
    if content.isascii():
        return True
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def refusal_of(line: bytes, error: Exception) -> LineRefusedError:
    """The reason behind an ``error`` of msgspec or of the decoding for ``line``."""
    if isinstance(error, LineRefusedError):
        return error
    if isinstance(error, UnicodeDecodeError):
        return LineRefusedError("invalid_utf8", f"byte {error.start + 1} of the line")
    if isinstance(error, RecursionError):
        return LineRefusedError("too_deep", TOO_DEEP)
    if isinstance(error, msgspec.ValidationError):
        return _broken_contract(str(error))
    mended, surrogates = _without_lone_surrogates(line)
    if surrogates and is_json(mended):
        return LineRefusedError("lone_surrogate", f"{surrogates} escapes of half a character")
    return LineRefusedError("not_json", str(error))


def _broken_contract(message: str) -> LineRefusedError:
    """The refusal for a message of msgspec, which names the place by path and may quote the value."""
    found = _PATH.search(message)
    place = found["path"] if found else ""
    missing = _MISSING.search(message)
    if missing:
        if missing["field"] == "event" and not place:
            return LineRefusedError("missing_event", "event")
        return LineRefusedError("missing_field", f"{place}.{missing['field']}".lstrip("."))
    if "RFC3339" in message or "timezone component" in message:
        problem = "has no offset" if "timezone component" in message else "is not an RFC 3339 timestamp"
        return LineRefusedError("bad_timestamp", f"{place}: {problem}")
    expectation = _PATH.sub("", message)
    if expectation.startswith("Expected") and ", got " in expectation:
        return LineRefusedError("wrong_type", f"{place}: {expectation}")
    if expectation.startswith("Invalid enum value"):
        expectation = "not one of the allowed values"
    return LineRefusedError("invalid_value", f"{place}: {expectation}")


def _without_lone_surrogates(line: bytes) -> tuple[bytes, int]:
    count = 0

    def mend(found: re.Match[bytes]) -> bytes:
        nonlocal count
        if not found["lone"]:
            return found[0]
        count += 1
        return rb"\ufffd"

    return _ESCAPE.sub(mend, line), count


def is_json(line: bytes) -> bool:
    """Whether the line is JSON that msgspec takes."""
    try:
        _ANY_JSON.decode(line)
    except (msgspec.DecodeError, RecursionError):
        return False
    return True
