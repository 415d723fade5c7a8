"""What a run of ``ingest`` leaves for machines, however it ends: its own log and its metrics."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from . import __version__
from .errors import LoaderError
from .journal import journal, note_end, note_start
from .stopping import stops_held_back
from .summary import Summary


class Report:
    """How a run goes. ``summary``: to be filled, or replaced, by the run."""

    def __init__(self, metrics_file: Path | None, clock: Callable[[], float], timer: Callable[[], float]) -> None:
        self.summary = Summary()
        self._metrics_file = metrics_file
        self._clock = clock
        self._timer = timer
        self._began = timer()
        self._counted = Summary()
        self._is_troubled = False

    @property
    def seconds(self) -> float:
        return self._timer() - self._began

    def beat(self, summary: Summary) -> None:
        """Write the metrics of a run that goes on; says once that it cannot."""
        self.summary = summary
        try:
            self.write(None)
        except LoaderError as error:
            if not self._is_troubled:
                click.echo(f"loader: {error}", err=True)
            self._is_troubled = True

    def write(self, exit_code: int | None) -> None:
        """Write the metrics, if they are asked for. Raises RefusedError if the file cannot be written."""
        if self._metrics_file is None:
            return
        from .metrics import Sight, write_run  # noqa: PLC0415 - only those who ask for metrics wait for the library

        # A stop between the two would let the end of the run count the same lines once more.
        with stops_held_back():
            since = self.summary.since(self._counted)
            write_run(self._metrics_file, Sight(since, exit_code, self._clock(), self.seconds))
            self._counted = self.summary


@contextmanager
def reported_run(
    paths: int,
    *,
    log_file: Path | None,
    metrics_file: Path | None,
    clock: Callable[[], float] = time.time,
    timer: Callable[[], float] = time.monotonic,
) -> Iterator[Report]:
    """Note begin and end of a run, and write its metrics, also when it fails or is stopped.

    paths: how many were given. clock: seconds since the epoch. timer: seconds.
    Raises what the run raises; UsageError or RefusedError before it for files that cannot be written.
    """
    if metrics_file:
        from .metrics import require_place  # noqa: PLC0415 - see above

        require_place(metrics_file)
    with journal(log_file):
        report = Report(metrics_file, clock, timer)
        note_start(__version__, paths)
        try:
            yield report
        except BaseException as error:
            note_end(report.summary, _exit_code(error), report.seconds, error)
            try:
                report.write(_exit_code(error))
            except LoaderError as trouble:
                # What the run itself died of is the exit code, and is told by whoever catches it.
                click.echo(f"loader: {trouble}", err=True)
            raise
        note_end(report.summary, 0, report.seconds, None)
        report.write(0)


def _exit_code(error: BaseException) -> int:
    if isinstance(error, LoaderError | click.ClickException):
        return error.exit_code
    return 130 if isinstance(error, KeyboardInterrupt) else 1
