"""Stopped in the middle: what is committed stays, nothing is loaded twice, nothing is lost."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import LoaderCommand, RunningServer
from tests.loader.conftest import Ask, event_lines, unaccounted

LINES = 20_000


@contextmanager
def ingest_under_way(
    path: Path, database: str, server: RunningServer, ask: Ask, *options: str
) -> Iterator[subprocess.Popen[str]]:
    """A real ``loader ingest`` that has committed some of the many small batches of ``path``."""
    path.write_bytes(event_lines(1, LINES))
    with subprocess.Popen(
        [sys.executable, "-m", "loader", "ingest", str(path), "--batch-lines", "20", *options],
        env=server.environment | {"DATABASE_URL": database},
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            while ask("select count(*) from raw.loads") < [(3,)]:
                assert process.poll() is None
            yield process
        finally:
            process.kill()


def finish(path: Path, ask: Ask, run_loader: LoaderCommand) -> None:
    """The books are right after the stop, and after the next run everything is there once."""
    assert unaccounted(ask) == []
    lines = ask("select lines_consumed from raw.source_files")[0][0]
    assert 0 < lines < LINES
    assert run_loader("ingest", path).returncode == 0
    assert unaccounted(ask) == []
    assert ask(
        "select count(*), count(distinct event_id), count(distinct line_number), max(line_number) from raw.events"
    ) == [(LINES, LINES, LINES, LINES)]


def test_killed_in_the_middle_it_goes_on_from_the_last_batch(
    tmp_path: Path, database: str, server: RunningServer, ask: Ask, run_loader: LoaderCommand
) -> None:
    path = tmp_path / "a.jsonl"
    with ingest_under_way(path, database, server, ask) as process:
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
    while ask("select 1 from pg_stat_activity where application_name = 'loader' and datname = current_database()"):
        pass  # until the server has noticed

    finish(path, ask, run_loader)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_it_with_one_note(
    tmp_path: Path, database: str, server: RunningServer, ask: Ask, run_loader: LoaderCommand, *, number: signal.Signals
) -> None:
    path = tmp_path / "a.jsonl"
    with ingest_under_way(path, database, server, ask) as process:
        process.send_signal(number)
        _, words = process.communicate()
        assert process.returncode == {signal.SIGINT: 130, signal.SIGTERM: 143}[number]
    assert words == (
        f"loader: stopped by {number.name}: the current batch was rolled back, everything before it is loaded\n"
        "  next: run the same command again, it goes on from there\n"
    )

    finish(path, ask, run_loader)


def test_a_broken_connection_is_told_without_retries_and_loses_nothing(
    tmp_path: Path, database: str, server: RunningServer, ask: Ask, run_loader: LoaderCommand
) -> None:
    path = tmp_path / "a.jsonl"
    with ingest_under_way(path, database, server, ask, "--retry-for", "0") as process:
        ask(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where application_name = 'loader' and datname = current_database()"
        )
        _, words = process.communicate()
        assert process.returncode == 4
    assert words.startswith("loader: the connection to the database broke: ")
    assert words.endswith(
        "  next: see that the server runs and has room, then run the command again: it goes on from the last batch\n"
    )

    finish(path, ask, run_loader)


def test_a_file_that_grows_while_it_is_read_is_loaded_in_full(
    tmp_path: Path, database: str, server: RunningServer, ask: Ask, run_loader: LoaderCommand
) -> None:
    path = tmp_path / "a.jsonl"
    with ingest_under_way(path, database, server, ask) as process:
        with path.open("ab") as stream:
            stream.write(event_lines(LINES + 1, LINES + 10))
        process.communicate()
        assert process.returncode == 0

    assert run_loader("ingest", path).returncode == 0
    assert ask("select count(*), count(distinct event_id) from raw.events") == [(LINES + 10, LINES + 10)]
