"""Rows in the text format of COPY."""

from collections.abc import Iterable
from datetime import date

from emitter.events import Envelope

#: Values of the last three columns, which all rows of a batch have in common.
Constants = tuple[int, int, date]

#: The columns of a row, in the order of :func:`row_text`; the last three are the same for all rows of a batch.
COLUMNS = (
    "line_number",
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
    "load_id",
    "source_file_id",
    "loaded_on",
)
_NULL = "\\N"
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def needs_escapes(content: bytes) -> bool:
    """Whether rows made from these JSON lines may hold what COPY takes for its own.

    JSON writes control characters and backslashes only with a backslash, and tabs and returns else only between
    values. Most lines have none of them, and to escape every value would cost as much as to parse the line.
    """
    return b"\\" in content or b"\t" in content or b"\r" in content


def row_text(number: int, envelope: Envelope, event_id: str, timestamp: bytes, payload: bytes, *, escape: bool) -> str:
    """One row without its last three columns.

    timestamp: as it stands in the line, with its quotes. To write the parsed one costs as much as to parse the line.
    payload: JSON.
    escape: what :func:`needs_escapes` says of the line.
    """
    event, product, tenant_id = envelope.event, envelope.product, envelope.tenant_id
    emitter_id, level, logger = envelope.emitter_id, envelope.level, envelope.logger
    occurred_at, values = timestamp[1:-1].decode(), payload.decode()
    if escape:
        occurred_at = envelope.timestamp.isoformat()
        event, event_id, product, tenant_id = map(_escaped, (event, event_id, product, tenant_id))
        values = _escaped(values)
        emitter_id, level, logger = (text and _escaped(text) for text in (emitter_id, level, logger))
    return (
        f"{number}\t{event}\t{event_id}\t{occurred_at}\t{product}\t{tenant_id}\t{envelope.schema_version}"
        f"\t{_NULL if emitter_id is None else emitter_id}\t{_NULL if envelope.seq is None else envelope.seq}"
        f"\t{_NULL if level is None else level}\t{_NULL if logger is None else logger}\t{values}"
    )


def copy_text(rows: Iterable[str], constants: Constants) -> bytes:
    """Rows of :func:`row_text` for COPY."""
    end = f"\t{row_end(constants)}"
    return "".join([row + end for row in rows]).encode()


def row_end(constants: Constants) -> str:
    """The last three columns, and the end of the row."""
    return "\t".join(map(str, constants)) + "\n"


def columns_text(values: Iterable[str | int | None]) -> bytes:
    """Some columns of a row with a tab between them."""
    return "\t".join([_NULL if value is None else _escaped(str(value)) for value in values]).encode()


def _escaped(text: str) -> str:
    return text.translate(_ESCAPES)
