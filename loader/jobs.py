"""Several files at once: worker processes that take them from the parent one by one, each on its own connection.

A worker asks through a pipe of its own, so that one that is killed leaves nothing locked that others need. The parent
holds no connection while they work.
"""

import multiprocessing
import os
import signal
import sys
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnContext
from pathlib import Path
from threading import Thread
from types import FrameType
from typing import Any

import psycopg

from . import __version__
from .agenda import Task
from .aliases import Alias
from .connection import Target, connect
from .discovery import find_files
from .errors import LoaderError
from .ingest import Options
from .parsing import Parser
from .retry import Retries
from .run import Progress, Run, load_file
from .store import Store
from .summary import Summary

# What a pipe raises whose other end is closed: read out, with words of ours unread, written to.
_OTHER_END_IS_GONE = (EOFError, ConnectionResetError, BrokenPipeError)


@dataclass(frozen=True)
class Setup:
    """All that a loader needs to know before it is told of files.

    aliases: older names of events. retry_seconds: how long to go on trying while the database is away; None: for ever.
    """

    target: Target
    aliases: Mapping[str, Alias]
    options: Options
    retry_seconds: float | None

    def connect(self) -> AbstractContextManager[psycopg.Connection[Any]]:
        return connect(self.target.parameters("loader"))

    def retries(self) -> Retries:
        return Retries(self.retry_seconds, tell=lambda words: print(f"loader: {words}", file=sys.stderr, flush=True))


def ingest_files(
    setup: Setup,
    paths: Iterable[Path],
    *,
    jobs: int = 1,
    progress: Progress = lambda _done, _total: None,
    summary: Summary | None = None,
) -> Summary:
    """Load the log files under ``paths``, so many ``jobs`` at once.

    progress: told the packed bytes done and in total, as they grow.
    summary: filled as files are done, so that a run that breaks off leaves its counts; a new one by default.
    Raises UsageError for paths that hold no log files, DatabaseError if the database cannot be used, KeyboardInterrupt
    after all workers have rolled back.
    """
    run = Run(*find_files(paths), progress, summary=summary)
    parser = Parser(setup.aliases)
    retries = setup.retries()
    if jobs > 1:
        # Most runs find most files unchanged, and need no workers for that.
        retries.persist(setup.connect, lambda link: run.skip_unchanged(link, setup.options), lambda: 0)
    if jobs > 1 and len(run.agenda) > 1:
        run.agenda.largest_first()
        _share_out(run, setup, jobs)
    else:
        retries.persist(setup.connect, lambda link: run.go(link, parser, setup.options), lambda: run.lines_done)
    return run.summary


class _Worker:
    """A worker process as the parent sees it. task: what it works on; read: bytes of it that are loaded."""

    def __init__(self, context: SpawnContext, setup: Setup) -> None:
        self.task: Task | None = None
        self.read = 0
        self.pipe, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(theirs, setup), daemon=True)
        # Until the worker can handle Ctrl-C, which the terminal sends to it too.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
        try:
            self._process.start()
        finally:
            theirs.close()
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def give(self, task: Task | None) -> None:
        """The next task; None: there is no other. A worker that is dead will be found so."""
        self.task, self.read = task, 0
        with suppress(*_OTHER_END_IS_GONE):
            self.pipe.send(task)

    def stop(self) -> None:
        """Interrupt it, so that it rolls its batch back. One that has no task ends by itself."""
        if self.task:
            self._process.terminate()

    def end(self) -> int:
        """Wait until it has ended, and say with which code; a negative one is the signal that killed it."""
        self.pipe.close()
        self._process.join()
        return self._process.exitcode or 0


def _share_out(run: Run, setup: Setup, jobs: int) -> None:
    """Let workers do all tasks of a run. What a worker that dies had in hand is told, the others go on."""
    context = multiprocessing.get_context("spawn")
    workers: list[_Worker] = []
    try:
        for _ in range(min(jobs, len(run.agenda))):
            workers.append(_Worker(context, setup))
            workers[-1].give(run.agenda.take())
        while busy := {worker.pipe: worker for worker in workers if worker.task}:
            for pipe in wait(busy):
                worker = busy[pipe]  # type: ignore[index]
                try:
                    _hear(worker, run)
                except _OTHER_END_IS_GONE:
                    workers.remove(worker)
                    _bury(worker, run)
            run.moved(sum(worker.read for worker in workers))
        while task := run.agenda.take():
            task.result.error = LoaderError(
                f"{task.log_file.path} was not loaded: no worker process is left", "run the command again"
            )
            run.add(task.result)
    finally:
        for worker in workers:
            worker.stop()
        for worker in workers:
            worker.end()


def _hear(worker: _Worker, run: Run) -> None:
    """Take in one message of a worker, and give it the next task if it has done its own."""
    kind, content = worker.pipe.recv()
    if kind == "read":
        worker.read = content
    elif kind == "failed":
        raise content
    else:
        run.close(content, is_done=kind == "done")
        worker.give(run.agenda.take())


def _bury(worker: _Worker, run: Run) -> None:
    code = worker.end()
    if worker.task is None:
        return
    how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
    result = worker.task.result
    result.error = LoaderError(
        f"a worker process {how} while it loaded {result.path}: its batch was rolled back",
        "run the command again, it goes on from there; if the machine has run out of memory, with fewer --jobs",
    )
    run.add(result)


def _work(pipe: Connection, setup: Setup) -> None:
    """What a worker process does: tasks, one after the other, until there is none or it is stopped."""
    with suppress(KeyboardInterrupt, *_OTHER_END_IS_GONE):
        try:
            _obey_signals()
            _Bench(pipe, setup).work()
        except LoaderError as error:
            pipe.send(("failed", error))
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, signal.SIG_IGN)


class _Bench:
    """Where a worker keeps the task in hand, also while the database is away."""

    def __init__(self, pipe: Connection, setup: Setup) -> None:
        self._pipe = pipe
        self._setup = setup
        self._parser = Parser(setup.aliases)
        self._task: Task | None = None
        self._lines_done = 0

    def work(self) -> None:
        setup = self._setup
        setup.retries().persist(setup.connect, self._serve, self._lines)

    def _lines(self) -> int:
        return self._lines_done + (self._task.result.lines_read if self._task else 0)

    def _serve(self, connection: psycopg.Connection[Any]) -> None:
        store = Store(connection, __version__)
        store.require_schema()
        while task := self._task or self._pipe.recv():
            self._task = task
            is_done = load_file(store, task, self._parser, self._setup.options, self._tell_read)
            self._lines_done, self._task = self._lines(), None
            self._pipe.send(("done" if is_done else "busy", task))

    def _tell_read(self, read: int) -> None:
        # Not while a file is being loaded: a parent that is gone is none of the file's business.
        with suppress(*_OTHER_END_IS_GONE):
            self._pipe.send(("read", read))


def _obey_signals() -> None:
    """Ctrl-C, SIGTERM and the end of the parent interrupt the batch in hand."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    def stop_with_parent() -> None:
        parent = multiprocessing.parent_process()
        if parent:
            wait([parent.sentinel])
            os.kill(os.getpid(), signal.SIGTERM)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    Thread(target=stop_with_parent, daemon=True).start()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT, signal.SIGTERM})
