"""Several loaders at once: they share the files, and no line is loaded twice."""

import gzip
import multiprocessing
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import psycopg
import pytest

from loader.agenda import Agenda
from loader.connection import External, connect
from loader.content_key import content_key
from loader.discovery import find_files
from loader.errors import DatabaseError
from loader.ingest import Options
from loader.jobs import Setup, _work
from loader.sources import look_at, opened
from loader.store import Store
from tests.conftest import LoaderCommand, RunningServer, parsed
from tests.loader.at_work import ONCE, held_up, started, wait_for_waiting
from tests.loader.conftest import Ask, Load, event_line, event_lines, unaccounted


def key_of(path: Path) -> int | None:
    with opened(look_at(path)) as log_file:
        return content_key(log_file)


def test_twins_of_a_file_share_their_key_and_it_never_changes_while_the_file_grows(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(event_lines(1, 3))
    key = key_of(path)
    with path.open("ab") as stream:
        stream.write(event_lines(4, 9))
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(path.read_bytes()))
    copy = shutil.copy(path, tmp_path / "copy.jsonl")
    other = tmp_path / "other.jsonl"
    other.write_bytes(event_lines(2, 3))

    assert key is not None
    assert [key_of(path), key_of(tmp_path / "a.jsonl.gz"), key_of(copy)] == [key] * 3
    assert key_of(other) not in {key, None}


def test_a_file_has_no_key_before_its_first_line_is_complete_or_longer_than_4096_bytes(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"x" * 4095)
    assert key_of(path) is None
    path.write_bytes(b"x" * 4096)
    assert key_of(path) is not None
    archive = tmp_path / "a.jsonl.gz"
    archive.write_bytes(gzip.compress(event_line(1)[:-1]))
    assert key_of(archive) is not None
    archive.write_bytes(gzip.compress(event_line(1)[:-1])[:-12])
    assert key_of(archive) is None


def test_a_second_loader_loads_what_the_first_has_not_in_hand_and_waits_for_the_rest(
    tmp_path: Path, database: str, server: RunningServer, ask: Ask, load: Load
) -> None:
    path, other = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    path.write_bytes(event_lines(1, 5))
    load(path)
    with path.open("ab") as stream:
        stream.write(event_lines(6, 10))
    other.write_bytes(event_lines(101, 105))

    with (
        held_up(path, database) as lock,
        started(path, database=database, server=server) as first,
    ):
        wait_for_waiting(ask)
        with started(tmp_path, "--json", database=database, server=server) as second:
            wait_for_waiting(ask, 2)
            assert ask("select count(*) from raw.events") == [(10,)]
            lock.rollback()
            said, words = second.communicate()
        assert (second.returncode, first.wait()) == (0, 0), words

    assert '"files_read": 1, "files_unchanged": 1' in said
    assert ask(ONCE) == [(15, 15)]
    assert unaccounted(ask) == []


@pytest.mark.parametrize("jobs", ["1", "3"])
def test_loaders_that_start_together_load_each_line_once(
    tmp_path: Path, database: str, server: RunningServer, ask: Ask, jobs: str
) -> None:
    for number in range(12):
        lines = event_lines(number * 1_000 + 1, number * 1_000 + 400)
        (tmp_path / f"{number}.jsonl").write_bytes(lines)
        (tmp_path / f"copy-{number}.jsonl.gz").write_bytes(gzip.compress(lines + event_line(number * 1_000 + 401)))
    options = ("--batch-lines", "50", "--jobs", jobs)

    with (
        started(tmp_path, *options, database=database, server=server) as first,
        started(tmp_path, *options, database=database, server=server) as second,
    ):
        words = [process.communicate()[1] for process in (first, second)]

    assert (first.returncode, second.returncode) == (0, 0), words
    assert ask(ONCE) == [(12 * 401, 12 * 401)]
    assert unaccounted(ask) == []


def test_jobs_load_all_files_and_add_their_summaries_up(tmp_path: Path, run_loader: LoaderCommand, ask: Ask) -> None:
    for number in range(6):
        (tmp_path / f"{number}.jsonl").write_bytes(event_lines(number * 100 + 1, number * 100 + 50) + b"no json\n")

    first = run_loader("ingest", tmp_path, "--jobs", "2")
    again = run_loader("ingest", tmp_path, "--jobs", "2")

    assert first.returncode == 3
    assert first.stderr.startswith("files: 6 read; lines: 306 read, 300 loaded, 6 rejected; ")
    assert again.stderr.startswith("files: 0 read, 6 unchanged; ")
    assert unaccounted(ask) == []


@contextmanager
def jobs_under_way(
    tmp_path: Path, database: str, server: RunningServer, ask: Ask
) -> Iterator[tuple[subprocess.Popen[str], list[int]]]:
    """A loader with two workers in the midst of many small batches, and the process ids of the workers."""
    for number in range(4):
        (tmp_path / f"{number}.jsonl").write_bytes(event_lines(number * 10_000 + 1, number * 10_000 + 5_000))
    with started(tmp_path, "--jobs", "2", "--batch-lines", "10", database=database, server=server) as process:
        while ask("select count(distinct source_file_id) from raw.loads") < [(2,)]:
            assert process.poll() is None
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        workers = [int(pid) for pid in children if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]
        assert len(workers) == 2
        yield process, workers


def test_a_killed_worker_is_told_and_the_others_go_on(
    tmp_path: Path, database: str, server: RunningServer, ask: Ask, run_loader: LoaderCommand
) -> None:
    with jobs_under_way(tmp_path, database, server, ask) as (process, workers):
        os.kill(workers[0], signal.SIGKILL)
        _, words = process.communicate()

    assert process.returncode == 1
    assert "a worker process was killed by SIGKILL while it loaded " in words
    assert "files: 3 read, 1 failed" in words
    assert run_loader("ingest", tmp_path).returncode == 0
    assert ask(ONCE) == [(20_000, 20_000)]
    assert unaccounted(ask) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_parent_that_is_stopped_or_killed_leaves_no_worker_behind(
    tmp_path: Path, database: str, server: RunningServer, ask: Ask, run_loader: LoaderCommand, *, number: signal.Signals
) -> None:
    with jobs_under_way(tmp_path, database, server, ask) as (process, workers):
        process.send_signal(number)
        _, words = process.communicate()
        while any(Path(f"/proc/{pid}/cmdline").exists() for pid in workers):
            pass

    codes = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGKILL: -signal.SIGKILL}
    assert process.returncode == codes[number]
    assert "Traceback" not in words
    assert unaccounted(ask) == []
    assert run_loader("ingest", tmp_path).returncode == 0
    assert ask(ONCE) == [(20_000, 20_000)]


def test_a_worker_ends_in_silence_when_its_words_were_never_read(
    tmp_path: Path, database: str, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.jsonl").write_bytes(event_lines(1, 5))
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    worker = context.Process(target=_work, args=(theirs, Setup(External(database), {}, Options(), 0)))
    worker.start()
    theirs.close()

    ours.send(Agenda(find_files([tmp_path])[0]).take())
    with socket.socket(fileno=os.dup(ours.fileno())) as unread:
        while b"done" not in unread.recv(65_536, socket.MSG_PEEK):
            assert worker.is_alive()
    ours.close()
    worker.join()

    assert worker.exitcode == 0
    assert capfd.readouterr().err == ""


def test_who_must_be_alone_waits_for_a_batch_and_says_who_is_in_the_way(
    tmp_path: Path, database: str, server: RunningServer, ask: Ask, load: Load
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(event_lines(1, 5))
    load(path)
    with path.open("ab") as stream:
        stream.write(event_lines(6, 10))

    with held_up(path, database) as lock, started(path, database=database, server=server) as loader:
        wait_for_waiting(ask)
        with connect(parsed(database)) as link, pytest.raises(DatabaseError, match=r"at work .*: loader \(server pro"):
            Store(link, "test").lock(timeout_ms=50)
        lock.rollback()
        assert loader.wait() == 0
    with connect(parsed(database)) as link:
        Store(link, "test").lock(timeout_ms=50)


def test_two_connections_make_the_partition_of_the_same_day_at_once(database: str, ask: Ask) -> None:
    def make(connection: psycopg.Connection) -> None:
        connection.execute("select raw.ensure_partition('2031-01-01')")

    with psycopg.connect(database) as first, psycopg.connect(database, autocommit=True) as second:
        make(first)
        thread = Thread(target=make, args=[second])
        thread.start()
        while ask("select count(*) from pg_locks where not granted") == [(0,)]:
            pass
        first.commit()
        thread.join()
        # A day that is there asks for no lock.
        make(second)
    assert ask("select count(*) from pg_inherits where inhrelid = to_regclass('raw.events_20310101')") == [(1,)]
