"""One run over many files: what is wrong with one never stops the others."""

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import psycopg

from . import __version__
from .discovery import find_files
from .ingest import Ingest, Options
from .parsing import Parser
from .store import Store
from .summary import FileResult, Summary


def ingest_paths(
    connection: psycopg.Connection[Any],
    paths: Iterable[Path],
    parser: Parser,
    options: Options,
    *,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
    clock: Callable[[], float] = time.monotonic,
) -> Summary:
    """Load the log files under ``paths``.

    connection: in autocommit mode, acting as the role ``loader``.
    progress: told the packed bytes done and in total, as they grow.
    clock: seconds.
    Raises UsageError for paths that hold no log files, DatabaseError if the database cannot be used.
    """
    began = clock()
    files, unreadable = find_files(paths)
    store = Store(connection, __version__)
    store.require_schema()
    store.lock()
    summary = Summary()
    for error in unreadable:
        summary.add(FileResult("", error=error))
    total = sum(log_file.size for log_file in files)
    before = 0
    for log_file in files:
        worker = Ingest(store, parser, options, progress=_offset(progress, before, total))
        summary.add(worker.load(log_file))
        before += log_file.size
        progress(before, total)
    summary.seconds = clock() - began
    return summary


def _offset(progress: Callable[[int, int], None], before: int, total: int) -> Callable[[int], None]:
    """The progress of one file as that of the run: ``before`` bytes are behind, ``total`` are to be done."""
    return lambda read: progress(before + read, total)
