"""Following: what is written is loaded soon, whatever becomes of the files and of the database meanwhile."""

import gzip
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import LoaderCommand, RunningServer
from tests.loader.at_work import ONCE, held_up, started, wait_for_waiting
from tests.loader.conftest import Ask, event_line, event_lines, unaccounted

SECONDS_ALLOWED = 2.0
CONNECTED = "select count(*) from pg_stat_activity where application_name = 'loader' and datname = current_database()"
WAYS = [(), ("--poll",)]


def wait_for_lines(ask: Ask, count: int, process: subprocess.Popen[str], seconds: float = 60) -> float:
    """Until so many lines are loaded; how many seconds that took."""
    began = time.monotonic()
    while ask("select count(*) from raw.events") < [(count,)]:
        assert process.poll() is None
        assert time.monotonic() - began < seconds
    return time.monotonic() - began


@contextmanager
def following(
    *arguments: object, database: str, server: RunningServer, ask: Ask, first: Path
) -> Iterator[subprocess.Popen[str]]:
    """``loader ingest --follow`` that has loaded the one line that it finds in the file ``first``."""
    first.write_bytes(event_line(0))
    with started(*arguments, "--follow", database=database, server=server) as process:
        wait_for_lines(ask, 1, process)
        yield process


@pytest.mark.parametrize("way", WAYS, ids=["notified", "polling"])
def test_a_line_is_loaded_within_two_seconds(
    tmp_path: Path, database: str, server: RunningServer, ask: Ask, way: tuple[str, ...]
) -> None:
    path = tmp_path / "a.jsonl"
    took = []
    with following(tmp_path, *way, database=database, server=server, ask=ask, first=path) as process:
        for number in range(1, 6):
            with path.open("ab") as stream:
                stream.write(event_line(number))
            took.append(wait_for_lines(ask, number + 1, process))
        process.send_signal(signal.SIGTERM)
        _, words = process.communicate()

    assert max(took) < SECONDS_ALLOWED, took
    assert process.returncode == 0
    assert words.startswith("files: 1 read; lines: 6 read, 6 loaded, 0 rejected; ")
    assert unaccounted(ask) == []


@pytest.mark.parametrize("way", WAYS, ids=["notified", "polling"])
def test_files_and_folders_that_appear_later_are_loaded(
    tmp_path: Path, database: str, server: RunningServer, ask: Ask, way: tuple[str, ...]
) -> None:
    with following(tmp_path, *way, database=database, server=server, ask=ask, first=tmp_path / "a.jsonl") as process:
        (tmp_path / "b.jsonl").write_bytes(event_line(1))
        wait_for_lines(ask, 2, process)
        folder = tmp_path / "c" / "d"
        folder.mkdir(parents=True)
        (folder / "e.jsonl").write_bytes(event_line(2))
        wait_for_lines(ask, 3, process)
        process.send_signal(signal.SIGINT)
        process.communicate()

    assert process.returncode == 0


def test_a_file_that_is_named_may_appear_later_and_be_rotated(
    tmp_path: Path, database: str, server: RunningServer, ask: Ask
) -> None:
    path, bystander = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    with started(path, "--follow", database=database, server=server) as process:
        for number in range(3):
            bystander.write_bytes(event_line(100))
            path.write_bytes(event_line(number))
            wait_for_lines(ask, number + 1, process)
            path.rename(tmp_path / f"a-{number}.jsonl")
        process.send_signal(signal.SIGTERM)
        process.communicate()

    assert process.returncode == 0
    assert ask(ONCE) == [(3, 3)]


WRITER = """
import gzip, os, sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[3])
from tests.loader.conftest import event_line
folder, lines = Path(sys.argv[1]), int(sys.argv[2])
path = folder / "app.jsonl"
stream = path.open("ab", buffering=0)
for number in range(1, lines + 1):
    stream.write(event_line(number))
    if number % 500 == 0:
        stream.close()
        rotated = path.rename(folder / f"app-{number:06}.jsonl")
        stream = path.open("ab", buffering=0)
        if number % 1000 == 0:
            with rotated.open("rb") as plain, gzip.open(f"{rotated}.gz", "wb") as archive:
                archive.write(plain.read())
            rotated.unlink()
"""


@pytest.mark.parametrize("way", WAYS, ids=["notified", "polling"])
def test_rotation_under_load_loses_nothing_and_loads_nothing_twice(
    tmp_path: Path, database: str, server: RunningServer, ask: Ask, way: tuple[str, ...]
) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    root = Path(__file__).resolve().parents[2]
    with following(
        logs, *way, "--batch-lines", "100", database=database, server=server, ask=ask, first=logs / "first.jsonl"
    ) as process:
        subprocess.run([sys.executable, "-c", WRITER, logs, "20000", root], check=True)
        wait_for_lines(ask, 20_001, process)
        process.send_signal(signal.SIGTERM)
        _, words = process.communicate()

    assert ask(ONCE) == [(20_001, 20_001)]
    assert unaccounted(ask) == []
    assert process.returncode == 0, words


def test_a_lost_connection_is_made_again(tmp_path: Path, database: str, server: RunningServer, ask: Ask) -> None:
    path = tmp_path / "a.jsonl"
    with following(tmp_path, database=database, server=server, ask=ask, first=path) as process:
        ask(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where application_name = 'loader' and datname = current_database()"
        )
        with path.open("ab") as stream:
            stream.write(event_line(1))
        wait_for_lines(ask, 2, process)
        process.send_signal(signal.SIGTERM)
        _, words = process.communicate()

    assert process.returncode == 0
    assert "trying again until it is there" in words


def test_a_stop_in_the_middle_of_a_batch_rolls_it_back(
    tmp_path: Path, database: str, server: RunningServer, ask: Ask, run_loader: LoaderCommand
) -> None:
    path = tmp_path / "a.jsonl"
    with (
        following(tmp_path, database=database, server=server, ask=ask, first=path) as process,
        held_up(path, database),
    ):
        with path.open("ab") as stream:
            stream.write(event_line(1))
        wait_for_waiting(ask)
        process.send_signal(signal.SIGTERM)
        _, words = process.communicate()
    assert process.returncode == 0, words
    assert ask(ONCE) == [(1, 1)]
    assert run_loader("ingest", path).returncode == 0
    assert ask(ONCE) == [(2, 2)]


def test_dead_letters_give_exit_code_3_when_it_is_stopped(
    tmp_path: Path, database: str, server: RunningServer, ask: Ask
) -> None:
    path = tmp_path / "a.jsonl"
    with following(tmp_path, database=database, server=server, ask=ask, first=path) as process:
        with path.open("ab") as stream:
            stream.write(b"no json\n")
        while ask("select count(*) from raw.dead_letters") == [(0,)]:
            assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        process.communicate()

    assert process.returncode == 3


# Half a minute, which it must last before it is told.
@pytest.mark.long
def test_a_file_that_is_in_trouble_gives_exit_code_4_when_it_is_stopped(
    tmp_path: Path, database: str, server: RunningServer, ask: Ask
) -> None:
    archive = gzip.compress(event_lines(50, 59))
    with following(tmp_path, database=database, server=server, ask=ask, first=tmp_path / "a.jsonl") as process:
        (tmp_path / "b.jsonl.gz").write_bytes(archive[:-9])
        wait_for_lines(ask, 11, process)
        # It may be one that is being written; so it is told when it has lasted.
        assert process.stderr is not None
        assert process.stderr.readline() == (
            f"loader: {tmp_path}/b.jsonl.gz breaks off or is damaged: 0 complete lines were loaded\n"
        )
        process.send_signal(signal.SIGTERM)
        process.communicate()

    assert process.returncode == 4


def test_two_who_follow_the_same_folder_load_each_line_once(
    tmp_path: Path, database: str, server: RunningServer, ask: Ask
) -> None:
    path = tmp_path / "a.jsonl"
    with (
        following(tmp_path, database=database, server=server, ask=ask, first=path) as first,
        started(tmp_path, "--follow", database=database, server=server) as second,
    ):
        for number in range(1, 200):
            with path.open("ab") as stream:
                stream.write(event_line(number))
            if number % 20 == 0:
                shutil.copy(path, tmp_path / f"copy-{number}.jsonl")
        wait_for_lines(ask, 200, first)
        while ask(CONNECTED) < [(2,)]:
            assert second.poll() is None
        for process in (first, second):
            process.send_signal(signal.SIGTERM)
            process.communicate()

    assert (first.returncode, second.returncode) == (0, 0)
    assert ask(ONCE) == [(200, 200)]
    assert unaccounted(ask) == []


@pytest.mark.parametrize("arguments", [["--follow", "--jobs", "2"], ["--poll"]])
def test_options_that_do_not_go_together_are_wrong_usage(
    tmp_path: Path, run_loader: LoaderCommand, arguments: list[str]
) -> None:
    (tmp_path / "a.jsonl").write_bytes(event_line(1))
    assert run_loader("ingest", tmp_path, *arguments).returncode == 2
