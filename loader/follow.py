"""Following: what is written to log files is in the database within two seconds, for as long as the command runs."""

import os
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

import psycopg

from . import __version__
from .agenda import Task
from .discovery import find_files
from .errors import DatabaseError, FileError, LoaderError, UsageError
from .jobs import Setup
from .journal import note_file
from .parsing import Parser
from .run import Run, settle
from .sources import LogFile
from .store import Store
from .summary import FileResult, Summary
from .watch import Watch

# For what no notice comes of: links to other folders, folders made in the same moment as their files, lost notices.
_LOOK_SECONDS = 10.0
_POLL_SECONDS = 1.0

Place = tuple[int, int]


class Follower:
    """Loads the files below ``paths`` and goes on loading what is added to them.

    A file that cannot be loaded now, such as an archive that is being written, is told of when it still cannot ten
    seconds later, unchanged.

    poll: look at all files every second, for file systems that do not tell of changes.
    tell: words for people. beat: told how things stand at every look. clock: seconds.
    """

    def __init__(
        self,
        setup: Setup,
        paths: Iterable[Path],
        *,
        poll: bool,
        tell: Callable[[str], None],
        beat: Callable[[Summary], None] = lambda _so_far: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._setup = setup
        self._parser = Parser(setup.aliases)
        self._paths = [Path(os.path.abspath(path)) for path in paths]  # noqa: PTH100 - as in discovery
        self._watch = Watch(self._paths, poll=poll)
        self._pause = _POLL_SECONDS if poll else _LOOK_SECONDS
        self._tell = tell
        self._beat = beat
        self._clock = clock
        self._look_at = 0.0
        self._run = Run([])
        self._seen: dict[Place, LogFile] = {}
        self._results: dict[Place, FileResult] = {}
        self._unreadable: list[FileError] = []
        self._troubles: dict[str, float] = {}
        self._told: set[str] = set()

    def follow(self) -> None:
        """Go on until KeyboardInterrupt, which rolls the batch in hand back.

        Raises UsageError for paths that can hold no log files, DatabaseError, RefusedError if nothing can be watched.
        """
        find_files(self._paths, must_exist=False)
        try:
            self._setup.retries().persist(self._setup.connect, self._go, self._lines)
        except KeyboardInterrupt:
            self._settle()
            raise

    def summary(self) -> Summary:
        """What was done so far. Files that are in trouble now are refused, those that were are not."""
        summary = Summary()
        for error in self._unreadable:
            summary.add(FileResult("", error=error))
        for result in self._results.values():
            summary.add(result)
        return summary

    def _lines(self) -> int:
        return sum(result.lines_read for result in self._results.values()) + self._run.lines_done

    def _go(self, connection: psycopg.Connection[object]) -> None:
        while True:
            # After a lost connection the round that it broke off goes on first.
            self._run.go(connection, self._parser, self._setup.options, is_patient=False)
            busy = {task.log_file.path for task in self._run.agenda}
            self._run = Run([], note=self._note)
            if self._clock() >= self._look_at:
                self._watch.renew()
                files = self._all_files()
                self._tell_troubles()
                self._beat(self.summary())
                self._look_at = self._clock() + self._pause
            else:
                files = _files_of(self._watch.changes() | busy)
            new = [log_file for log_file in files if self._seen.get(_place(log_file)) != log_file]
            self._run = Run(new, note=self._note)

    def _settle(self) -> None:
        """Count what is committed of the file in hand; the stop may have come before the word of its last commit."""
        for task in self._run.agenda:
            if task.result.unconfirmed:
                with suppress(DatabaseError), self._setup.connect() as connection:
                    settle(Store(connection, __version__), task.result)
            if task.result.lines_read:
                self._note(task)

    def _all_files(self) -> list[LogFile]:
        try:
            files, self._unreadable = find_files(self._paths, must_exist=False)
        except UsageError:
            # A folder that was there at the start; it may come back.
            return []
        places = set(map(_place, files))
        self._seen = {place: seen for place, seen in self._seen.items() if place in places}
        for place, result in self._results.items():
            if place not in places:
                result.error = None
        return files

    def _note(self, task: Task) -> None:
        place, new = _place(task.log_file), task.result
        if new.is_gone:
            return
        if not new.error:
            self._seen[place] = task.log_file
            note_file(new)
        so_far = self._results.setdefault(place, FileResult(new.path, is_unchanged=True))
        so_far.path, so_far.error, so_far.has_waiting_line = new.path, new.error, new.has_waiting_line
        so_far.is_unchanged &= new.is_unchanged
        so_far.lines_read += new.lines_read
        so_far.lines_loaded += new.lines_loaded
        so_far.lines_rejected += new.lines_rejected

    def _tell_troubles(self) -> None:
        """Tell of each trouble once, when it has lasted."""
        now = self._clock()
        errors: list[LoaderError] = [*self._unreadable]
        errors += [result.error for result in self._results.values() if result.error]
        by_text = {str(error): error for error in errors}
        self._troubles = {text: self._troubles.get(text, now) for text in by_text}
        self._told &= self._troubles.keys()
        for text, since in self._troubles.items():
            if text not in self._told and now - since >= _LOOK_SECONDS:
                self._tell(text)
                note_file(FileResult("", error=by_text[text]))
                self._told.add(text)


def _files_of(changed: Iterable[Path]) -> list[LogFile]:
    """The log files that are, or are in, what changed; what is gone again was renamed, and its new name is told too."""
    files: list[LogFile] = []
    for path in changed:
        with suppress(UsageError):
            files += find_files([path], must_exist=False)[0]
    return files


def _place(log_file: LogFile) -> Place:
    return log_file.device, log_file.inode
