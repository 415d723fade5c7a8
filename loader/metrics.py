"""Metrics for Prometheus, as a text file for node_exporter's textfile collector.

Names begin with ``support_warehouse_``, units are base units (seconds, bytes), instants are seconds since the epoch.
Labels hold words of ours alone: no path, no value of a line.
"""

import fcntl
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from prometheus_client import CollectorRegistry, write_to_textfile
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

from .errors import RefusedError, UsageError
from .status import Status
from .summary import Summary

_RUN = "support_warehouse_loader_"
_RAW = "support_warehouse_raw_"
#: Exit codes after which everything that could be read was read.
_SUCCESSES = (0, 3)

Values = Mapping[tuple[str, str], float]


def require_place(path: Path) -> None:
    """Raises UsageError if no metrics file can be written there: better before a run than after it."""
    if path.suffix != ".prom":
        raise UsageError(f"{path} is no name for a metrics file", "name it *.prom, which node_exporter looks for")
    if not path.parent.is_dir() or not os.access(path.parent, os.W_OK | os.X_OK):
        raise UsageError(f"no file can be made in {path.parent}", "make the folder, writable for the one who runs this")


@dataclass(frozen=True, slots=True)
class Sight:
    """A run at one moment.

    summary: what it did since it was last written. exit_code: None while it goes on. at: seconds since the epoch.
    seconds: since it began.
    """

    summary: Summary
    exit_code: int | None
    at: float
    seconds: float


def write_run(path: Path, sight: Sight) -> None:
    """Write how a run goes or went; counters go on from what the file says.

    Raises RefusedError if the file cannot be written.
    """
    with _alone(path):
        _write(path, _of_run(_previous(path), sight))


def write_status(path: Path, status: Status) -> None:
    """Write what the raw schema holds. Raises RefusedError if the file cannot be written."""
    with _alone(path):
        _write(path, _of_status(status))


def _of_run(before: Values, sight: Sight) -> Iterator[Metric]:
    summary, is_over = sight.summary, sight.exit_code is not None
    lines = {"loaded": summary.lines_loaded, "rejected": summary.lines_rejected}
    files = {
        "read": summary.files_read,
        "unchanged": summary.files_unchanged,
        "refused": summary.files_refused,
        "failed": summary.files_failed,
        "gone": summary.files_gone,
    }
    is_well = sight.exit_code in _SUCCESSES if is_over else not summary.errors
    runs = {"success": int(is_over and is_well), "failure": int(is_over and not is_well)}
    yield _counter(before, "lines", "Lines read, by what became of them.", lines)
    yield _counter(before, "files", "Log files looked at, by what became of them.", files)
    yield _counter(before, "runs", "Runs of loader ingest that ended; one with dead letters is a success.", runs)
    yield from _gauges(
        _RUN,
        ("lines_waiting", "Last lines of files that had no newline yet, in the last run.", summary.lines_waiting),
        ("last_run_duration_seconds", "Duration of the last run, so far if it goes on.", sight.seconds),
        ("last_run_exit_code", "Exit code of the last run; absent while it goes on.", sight.exit_code),
        ("last_run_timestamp_seconds", "When the last run ended, or was seen at work.", sight.at),
        (
            "last_success_timestamp_seconds",
            "When the last run that read everything ended, or was seen at work; absent while there was none.",
            sight.at if is_well else before.get((f"{_RUN}last_success_timestamp_seconds", "")),
        ),
    )


def _counter(before: Values, name: str, text: str, values: Mapping[str, int]) -> Metric:
    family = CounterMetricFamily(_RUN + name, text, labels=["result"])
    for result, value in values.items():
        family.add_metric([result], before.get((f"{_RUN}{name}_total", result), 0) + value)
    return family


def _gauges(prefix: str, *gauges: tuple[str, str, float | None]) -> Iterator[Metric]:
    """Each a name, what it means and its value; those without a value are left out."""
    for name, text, value in gauges:
        if value is not None:
            yield GaugeMetricFamily(prefix + name, text, value=value)


def _of_status(status: Status) -> Iterator[Metric]:
    yield from _gauges(
        _RAW,
        ("files", "Log files known, by content.", status.files),
        ("lines", "Lines read of them.", status.lines),
        ("loads", "Transactions that loaded lines.", status.loads),
        ("last_load_timestamp_seconds", "When lines were last loaded.", _seconds(status.last_load_at)),
        (
            "newest_event_timestamp_seconds",
            "When the newest event happened, of the last day on which events were loaded.",
            _seconds(status.newest_event_at),
        ),
    )
    if status.loss:
        yield from _gauges(
            _RAW,
            (
                "expected_lines",
                "Lines that products wrote in the last seven days with lines, by their numbers.",
                status.loss.expected,
            ),
            ("lost_lines", "Of these, those that did not come.", status.loss.lost),
        )
    if status.waiting:
        yield from _gauges(
            _RAW,
            ("waiting_files", "Log files under the given paths that hold something unread.", status.waiting.files),
            ("waiting_bytes", "Bytes of them, as they lie, that are unread.", status.waiting.bytes),
            ("unreadable_files", "Files and folders that cannot be looked at.", status.waiting.unreadable),
        )
    letters = GaugeMetricFamily(_RAW + "dead_letters", "Lines that broke the contract.", labels=["reason", "state"])
    for reason, states in status.dead_letters.items():
        for state, count in states.items():
            letters.add_metric([reason, state], count)
    yield letters


def _seconds(instant: datetime | None) -> float | None:
    return instant.timestamp() if instant else None


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """While no other loader reads or writes metrics in the folder: two at once would count one run only."""
    try:
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)
    except OSError as error:
        raise RefusedError(
            f"the metrics file {path} cannot be written: {error.strerror}",
            "see that the folder is writable and has room",
        ) from None


def _previous(path: Path) -> Values:
    """The samples of the file by name and result; none if it is missing or no metrics file."""
    try:
        families = list(text_string_to_metric_families(path.read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError):
        return {}
    return {
        (sample.name, sample.labels.get("result", "")): sample.value for family in families for sample in family.samples
    }


def _write(path: Path, metrics: Iterable[Metric]) -> None:
    registry = CollectorRegistry()
    registry.register(_Fixed(list(metrics)))
    write_to_textfile(str(path), registry)


class _Fixed(Collector):
    def __init__(self, metrics: list[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> Iterable[Metric]:
        return self._metrics
