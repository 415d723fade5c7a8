"""Lines that break the contract, as products with a bug write them."""

from typing import NamedTuple

_HEAD = b'{"event":"session.message","timestamp":"%s","product":"ai_chatbot","session_id":"s-broken"'


class Malformed(NamedTuple):
    """A line without its newline; ``%s`` stands for an instant. reason: what a loader must say of it."""

    line: bytes
    reason: str

    def at(self, instant: str) -> bytes:
        """The line as it is written at an instant (RFC 3339), with its newline."""
        return self.line.replace(b"%s", instant.encode(), 1) + b"\n"


MALFORMED = {
    "truncated_json": Malformed(_HEAD + b',"role":"us', "not_json"),
    "not_json": Malformed(b"Traceback (most recent call last): %s", "not_json"),
    "not_an_object": Malformed(b'["session.message","%s"]', "not_an_object"),
    "wrong_type": Malformed(_HEAD + b',"role":"user","message_length":"twelve"}', "wrong_type"),
    "missing_field": Malformed(_HEAD + b',"message_length":12}', "missing_field"),
    "no_event": Malformed(b'{"timestamp":"%s","product":"ai_chatbot","session_id":"s-broken"}', "missing_event"),
    "impossible_timestamp": Malformed(
        _HEAD.replace(b"%s", b"2026-13-45T99:00:00Z", 1) + b',"role":"user","message_length":12}', "bad_timestamp"
    ),
    "timestamp_without_offset": Malformed(
        _HEAD.replace(b"%s", b"2026-10-01T09:00:00", 1) + b',"role":"user","message_length":12}', "bad_timestamp"
    ),
    "unknown_role": Malformed(_HEAD + b',"role":"robot","message_length":12}', "invalid_value"),
    "invalid_utf8": Malformed(_HEAD + b',"role":"user","message_length":12,"message_id":"\xff\xfe"}', "invalid_utf8"),
    "half_a_character": Malformed(
        _HEAD + b',"role":"user","message_length":12,"message_id":"\\ud83d"}', "lone_surrogate"
    ),
    "raw_nul": Malformed(_HEAD + b',"role":"user","message_length":12,"message_id":"\x00"}', "not_json"),
    "nul_escape": Malformed(_HEAD + b',"role":"user","message_length":12,"message_id":"\\u0000"}', "nul_character"),
    "too_deep": Malformed(_HEAD + b',"role":"user","message_length":12,"x":' + b"[" * 5000 + b"]" * 5000 + b"}",
                          "too_deep"),
    "blank": Malformed(b"", "blank_line"),
    "huge_number": Malformed(_HEAD + b',"role":"user","message_length":12,"x":1e200000}', "refused_by_database"),
}  # fmt: skip
#: The line in which a product was killed; only an archive that ends with it makes it a line.
HALF_WRITTEN = "half_written"
_HALF_WRITTEN_REASON = "not_json"


def reason_of(kind: str) -> str:
    """What a loader must say of a malformed line."""
    return _HALF_WRITTEN_REASON if kind == HALF_WRITTEN else MALFORMED[kind].reason
