"""One run over many files: what is wrong with one never stops the others."""

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import psycopg

from . import __version__
from .agenda import Agenda, Task
from .content_key import content_key
from .discovery import find_files
from .errors import FileError
from .ingest import Ingest, Options
from .journal import note_file
from .locks import content_alone
from .parsing import Parser
from .sources import LogFile, as_it_is_now, opened, unreadable
from .store import Store
from .summary import FileResult, Summary

Progress = Callable[[int, int], None]


def ingest_paths(
    connection: psycopg.Connection[Any],
    paths: Iterable[Path],
    parser: Parser,
    options: Options,
    *,
    progress: Progress = lambda _done, _total: None,
    clock: Callable[[], float] = time.monotonic,
) -> Summary:
    """Load the log files under ``paths`` on one connection.

    connection: in autocommit mode, acting as the role ``loader``.
    progress: told the packed bytes done and in total, as they grow.
    clock: seconds.
    Raises UsageError for paths that hold no log files, DatabaseError if the database cannot be used.
    """
    began = clock()
    run = Run(*find_files(paths), progress)
    run.go(connection, parser, options)
    run.summary.seconds = clock() - began
    return run.summary


class Run:
    """The files of a run that are still to be loaded, and what became of the others.

    progress: told the packed bytes done and in total. note: told each task that is done, instead of the summary.
    summary: filled as files are done, so that a run that breaks off leaves its counts; a new one by default.
    """

    def __init__(
        self,
        log_files: list[LogFile],
        unreadable_files: Iterable[FileError] = (),
        progress: Progress = lambda _done, _total: None,
        note: Callable[[Task], None] | None = None,
        summary: Summary | None = None,
    ) -> None:
        self.agenda = Agenda(log_files)
        self.summary = Summary() if summary is None else summary
        self._total = sum(log_file.size for log_file in log_files)
        self._finished = 0
        self._progress = progress
        self._note = note or (lambda task: self.add(task.result))
        for error in unreadable_files:
            self.add(FileResult("", error=error))

    def add(self, result: FileResult) -> None:
        """Count a file of which there is nothing more to do in this run."""
        self.summary.add(result)
        note_file(result)

    @property
    def lines_done(self) -> int:
        """Lines that are loaded or kept as dead letters."""
        return self.summary.lines_read + self.agenda.lines_begun

    def go(
        self, connection: psycopg.Connection[Any], parser: Parser, options: Options, *, is_patient: bool = True
    ) -> None:
        """Load all files that are left. After an error of the database call it again, with another connection.

        is_patient: wait for loaders that have a file's content; else such files stay on the agenda.
        """
        store = Store(connection, __version__)
        store.require_schema()
        while task := self.agenda.take():
            if task.wait and not is_patient:
                self.agenda.give_back(task)
                return
            try:
                is_done = load_file(store, task, parser, options, self.moved)
            except BaseException:
                self.agenda.give_back(task)
                raise
            self.close(task, is_done=is_done)

    def skip_unchanged(self, connection: psycopg.Connection[Any], options: Options) -> None:
        """Take out the files that are as they were when they were read to their end."""
        store = Store(connection, __version__)
        store.require_schema()
        if not options.verify:
            for task in [task for task in self.agenda if store.is_unchanged(task.log_file)]:
                self.agenda.remove(task)
                task.result.is_unchanged = True
                self.close(task, is_done=True)

    def close(self, task: Task, *, is_done: bool) -> None:
        """Note what became of a task that was taken."""
        if not is_done:
            self.agenda.put_off(task)
        elif not self.agenda.try_again(task):
            self._note(task)
            self._finished += task.log_file.size
        self.moved(0)

    def moved(self, read: int) -> None:
        """``read`` bytes of files that are not finished are loaded."""
        self._progress(self._finished + read, self._total)


def load_file(
    store: Store, task: Task, parser: Parser, options: Options, progress: Callable[[int], None] = lambda _bytes: None
) -> bool:
    """Load what is new in a file, and note in the task what became of it; False if another loader has its content.

    progress: told the bytes of a plain file that are loaded.
    Raises errors of psycopg, and PassingError; then the same task can be done again on another connection.
    """
    log_file, result = task.log_file, task.result
    settle(store, result)
    if not options.verify and not result.lines_read and store.is_unchanged(log_file):
        result.is_unchanged = True
        return True
    ingest = Ingest(store, parser, options, progress)
    try:
        with opened(log_file) as file:
            return _load_alone(store, ingest, file, task)
    except FileNotFoundError:
        # Rotated since it was looked at: under its next name it is another run's, or another task's, business.
        result.is_gone = True
    except OSError as error:
        result.error = unreadable(log_file.path, error)
    return True


def settle(store: Store, result: FileResult) -> None:
    """Count the load of which the commit was not heard of, if it was committed."""
    if result.unconfirmed and store.has_load(result.unconfirmed[0]):
        result.confirm()
    result.unconfirmed = None


def _load_alone(store: Store, ingest: Ingest, file: LogFile, task: Task) -> bool:
    """Load an opened file while no other loader loads the same content."""
    key = content_key(file)
    while key is not None:
        with content_alone(store.connection, key, wait=task.wait) as is_ours:
            if not is_ours:
                return False
            # The wait may have been long.
            file = as_it_is_now(file)
            key_now = content_key(file)
            if key_now == key:
                ingest.load(file, task.result)
                return True
            key = key_now
    # No line is complete, so none will be loaded; but what was loaded before may have been cut off.
    ingest.load(file, task.result)
    return True
