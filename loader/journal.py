"""The loader's own log: what a run did, as JSON lines by the emitter's formatter, with counts and never a line."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from logging.handlers import WatchedFileHandler
from pathlib import Path
from typing import Any

from emitter.formatter import FIELDS_ATTRIBUTE, EventFormatter

from .errors import LoaderError, RefusedError, UsageError
from .sources import compression_of
from .summary import FileResult, Summary

PRODUCT = "support_warehouse"

_log = logging.getLogger("loader")
# Nobody listens unless asked to: what people shall know is said on stderr.
_log.addHandler(logging.NullHandler())


@contextmanager
def journal(path: Path | None) -> Iterator[None]:
    """Append what is noted meanwhile to the file, which may be rotated; None: nowhere.

    Raises UsageError for a file that ingest would take for a log of events, RefusedError if it cannot be opened.
    """
    if path is None:
        yield
        return
    if compression_of(path):
        raise UsageError(
            f"{path} is named like a log of events, and would be ingested as one",
            f"name it {path.name.partition('.')[0]}.log, say",
        )
    try:
        # Opened anew when it was rotated, also under a run that follows for weeks.
        handler = _QuietHandler(path, encoding="utf-8")
    except OSError as error:
        raise RefusedError(
            f"the log {path} cannot be written: {error.strerror}", "make its folder, writable for the one who runs this"
        ) from None
    handler.setFormatter(EventFormatter(PRODUCT))
    level = _log.level
    _log.addHandler(handler)
    _log.setLevel(logging.INFO)
    try:
        yield
    finally:
        _log.setLevel(level)
        _log.removeHandler(handler)
        with suppress(OSError):
            handler.close()


def note_start(version: str, paths: int) -> None:
    """A run begins. paths: how many were given."""
    _note(logging.INFO, "loader.run_started", {"loader_version": version, "paths_count": paths})


def note_file(result: FileResult) -> None:
    """One file is done, or refused. Files without anything new are counted at the end of the run only."""
    if result.error:
        _note(logging.ERROR, "loader.file_refused", _counts(result) | _said(result.error))
    elif not (result.is_unchanged or result.is_gone):
        _note(logging.INFO, "loader.file_loaded", _counts(result))


def note_retry(attempt: int, wait_seconds: float, error: LoaderError) -> None:
    """The database failed, and the run tries again. attempt: from 1."""
    _note(
        logging.WARNING, "loader.retried", {"attempt": attempt, "wait_seconds": round(wait_seconds, 3), **_said(error)}
    )


def note_end(summary: Summary, exit_code: int, seconds: float, error: BaseException | None) -> None:
    """A run ended."""
    counts = summary.as_dict()
    for name in ("errors", "seconds", "lines_per_second"):
        counts.pop(name, None)
    level = logging.INFO if exit_code in (0, 3) else logging.ERROR
    _note(
        level,
        "loader.run_ended",
        {"exit_code": exit_code, "duration_seconds": round(seconds, 3), **counts, **_said(error)},
    )


def _note(level: int, event: str, fields: Mapping[str, Any]) -> None:
    _log.log(level, event, extra={FIELDS_ATTRIBUTE: dict(fields)})


def _counts(result: FileResult) -> dict[str, Any]:
    # What cannot even be looked at has its path in the error alone.
    place = {"path": result.path} if result.path else {}
    return place | {
        "lines_read": result.lines_read,
        "lines_loaded": result.lines_loaded,
        "lines_rejected": result.lines_rejected,
        "has_waiting_line": result.has_waiting_line,
    }


def _said(error: BaseException | None) -> dict[str, str]:
    """What an error says; of one that is not ours only the kind, since its text may hold anything."""
    if error is None:
        return {}
    if isinstance(error, LoaderError):
        return {"error": error.what, "next_step": error.next_step}
    return {"error": type(error).__name__}


class _QuietHandler(WatchedFileHandler):
    """A full disk must not stop the loading, nor put a traceback on stderr for every file."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Lose the record."""
