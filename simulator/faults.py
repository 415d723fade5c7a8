"""What goes wrong on the way into a log folder: broken lines and lines that are written again.

Every fault is an extra line; the lines that the world wrote stay as they are.
"""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from .chance import Chance

_HEAD = b'{"event":"session.message","timestamp":"%s","product":"ai_chatbot","session_id":"s-broken"'
#: Lines as products with a bug write them, by kind; ``%s`` is an instant of the window.
_MALFORMED: dict[str, bytes] = {
    "truncated_json": _HEAD + b',"role":"us',
    "not_json": b"Traceback (most recent call last): %s",
    "not_an_object": b'["session.message","%s"]',
    "wrong_type": _HEAD + b',"role":"user","message_length":"twelve"}',
    "missing_field": _HEAD + b',"message_length":12}',
    "no_event": b'{"timestamp":"%s","product":"ai_chatbot","session_id":"s-broken"}',
    "impossible_timestamp": _HEAD.replace(b"%s", b"2026-13-45T99:00:00Z", 1) + b',"role":"user","message_length":12}',
    "invalid_utf8": _HEAD + b',"role":"user","message_length":12,"message_id":"\xff\xfe"}',
    "raw_nul": _HEAD + b',"role":"user","message_length":12,"message_id":"\x00"}',
    "nul_escape": _HEAD + b',"role":"user","message_length":12,"message_id":"\\u0000"}',
}


@dataclass
class Faults:
    """What was added to a folder: malformed lines by kind, and repeated lines by where they stand."""

    malformed: Counter[str] = field(default_factory=Counter)
    duplicates_in_same_file: int = 0
    duplicates_in_other_file: int = 0
    lines_by_file: Counter[str] = field(default_factory=Counter)


def add_faults(folder: Path, filenames: list[str], instant: str, chance: Chance) -> Faults:
    """Add malformed and repeated lines to a folder of ``.jsonl`` files.

    filenames: files with good lines, oldest first. Lines of the first are sent again in a file of their own; in each
    of the others some are written twice, and the last one ends with malformed lines.
    instant: an RFC 3339 instant in the window, for the lines that have one.
    """
    faults = Faults()
    broken = [(kind, line.replace(b"%s", instant.encode())) for kind, line in _MALFORMED.items()]
    _append_malformed(faults, folder / "ai_chatbot-broken.jsonl", broken)
    lines = _lines(folder / filenames[0])
    faults.duplicates_in_other_file = _append(
        faults, folder / "ai_chatbot-resent.jsonl", chance.sample(lines, min(len(lines), 24))
    )
    for filename in filenames[1:] or filenames:
        lines = _lines(folder / filename)
        repeated = chance.sample(lines, min(len(lines), 12))
        faults.duplicates_in_same_file += _append(faults, folder / filename, repeated)
    _append_malformed(faults, folder / filenames[-1], chance.sample(broken, 4))
    return faults


def _lines(path: Path) -> list[bytes]:
    return path.read_bytes().splitlines(keepends=True)


def _append_malformed(faults: Faults, path: Path, broken: list[tuple[str, bytes]]) -> None:
    _append(faults, path, [line + b"\n" for _, line in broken])
    faults.malformed.update(kind for kind, _ in broken)


def _append(faults: Faults, path: Path, lines: list[bytes]) -> int:
    """Append lines; the result is how many."""
    if lines:
        with path.open("ab") as file:
            file.writelines(lines)
        faults.lines_by_file[path.name] += len(lines)
    return len(lines)
