"""Rows in the text format of COPY, escaped a thousand rows at a time.

Escaping each value costs more than everything else. NUL occurs in no value (such lines are rejected), so the rows are
joined with two-byte codes that begin with NUL, escaped as one string, and the codes become tabs, newlines and nulls.
"""

from collections.abc import Iterable

from .parsing import Row

COLUMNS = (
    "event",
    "event_id",
    "occurred_at",
    "product",
    "tenant_id",
    "schema_version",
    "emitter_id",
    "seq",
    "level",
    "logger",
    "payload",
    "line_number",
    "load_id",
    "source_file_id",
    "loaded_on",
)
_TAB, _NEWLINE, _NULL = "\0t", "\0n", "\0N"


def copy_text(rows: Iterable[Row], constants: tuple[object, ...]) -> bytes:
    """The rows in the order of ``COLUMNS``; ``constants`` are the last three, the same in every row."""
    end = "".join(f"{_TAB}{value}" for value in constants) + _NEWLINE
    text = "".join([_joined(row, end) for row in rows])
    text = text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
    return text.replace(_TAB, "\t").replace(_NEWLINE, "\n").replace(_NULL, "\\N").encode()


def _joined(row: Row, end: str) -> str:
    number, line, event_id, payload = row
    emitter_id = _NULL if line.emitter_id is None else line.emitter_id
    seq = _NULL if line.seq is None else line.seq
    level = _NULL if line.level is None else line.level
    logger = _NULL if line.logger is None else line.logger
    return (
        f"{line.event}{_TAB}{event_id}{_TAB}{line.timestamp}{_TAB}{line.product}{_TAB}{line.tenant_id}"
        f"{_TAB}{line.schema_version}{_TAB}{emitter_id}{_TAB}{seq}{_TAB}{level}{_TAB}{logger}"
        f"{_TAB}{payload.decode()}{_TAB}{number}{end}"
    )
