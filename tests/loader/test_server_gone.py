"""The server itself stopped, restarted and killed under a loader: it waits, and goes on where it stood."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from tests.conftest import CLEAN_ENVIRONMENT, loader_command
from tests.loader.at_work import ONCE
from tests.loader.conftest import Ask, event_line, event_lines, unaccounted

LINES = 20_000


@dataclass(frozen=True)
class OwnServer:
    """An embedded server for one test, which may do with it what it likes."""

    environment: dict[str, str]
    state: Path

    def command(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return loader_command(*arguments, env=self.environment)

    def up(self) -> None:
        done = self.command("db", "up")
        assert done.returncode == 0, done.stderr

    def stop(self) -> None:
        assert self.command("db", "down").returncode == 0

    def crash(self) -> None:
        """As after a loss of power: nothing is written down, the next start recovers."""
        pid = int((self.state / "data" / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGQUIT)
        while (self.state / "data" / "postmaster.pid").exists():
            pass

    def ask(self, query: str, *values: object) -> list[tuple[object, ...]]:
        with psycopg.connect(self.command("db", "url").stdout.strip()) as connection:
            return connection.execute(query, values or None).fetchall()


@pytest.fixture
def own_server() -> Iterator[OwnServer]:
    base = Path(tempfile.mkdtemp(prefix="support-warehouse-tests-"))
    base.chmod(0o711)
    environment = CLEAN_ENVIRONMENT | {"LOADER_STATE_DIR": str(base / "state")}
    if binaries := os.environ.get("LOADER_PG_BIN"):
        environment["LOADER_PG_BIN"] = binaries
    own = OwnServer(environment, base / "state")
    try:
        own.up()
        yield own
    finally:
        own.command("db", "down")
        shutil.rmtree(base)


def begun(own: OwnServer, *arguments: str | Path, loads: int = 3) -> subprocess.Popen[str]:
    """A loader on that server that has committed some batches."""
    process = subprocess.Popen(
        [sys.executable, "-m", "loader", "ingest", *map(str, arguments)],
        env=own.environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    while own.ask("select count(*) from raw.loads")[0][0] < loads:
        assert process.poll() is None
    return process


@pytest.mark.parametrize(
    ("end", "jobs"),
    [
        pytest.param(OwnServer.stop, "1", id="stopped"),
        pytest.param(OwnServer.crash, "2", id="crashed beside another job"),
        pytest.param(OwnServer.stop, "2", id="stopped beside another job", marks=pytest.mark.long),
        pytest.param(OwnServer.crash, "1", id="crashed", marks=pytest.mark.long),
    ],
)
def test_a_server_that_ends_and_comes_back_is_waited_for(
    tmp_path: Path, own_server: OwnServer, end: Callable[[OwnServer], None], jobs: str
) -> None:
    for number in range(2):
        (tmp_path / f"{number}.jsonl").write_bytes(event_lines(number * LINES + 1, (number + 1) * LINES))

    with begun(own_server, tmp_path, "--batch-lines", "20", "--jobs", jobs) as process:
        for _ in range(3):
            end(own_server)
            own_server.up()
            assert process.poll() is None
        _, words = process.communicate()

    assert process.returncode == 0, words
    assert f"{2 * LINES} read, {2 * LINES} loaded" in words
    assert "trying again for up to 60 s" in words
    assert own_server.ask(ONCE) == [(2 * LINES, 2 * LINES)]
    ask: Ask = own_server.ask
    assert unaccounted(ask) == []


def test_a_server_that_stays_away_is_refused_after_the_patience(tmp_path: Path, own_server: OwnServer) -> None:
    (tmp_path / "a.jsonl").write_bytes(event_lines(1, LINES))

    with begun(own_server, tmp_path, "--batch-lines", "20", "--retry-for", "1") as process:
        own_server.stop()
        _, words = process.communicate()
        assert process.returncode == 4, words

    assert "  trying again for up to 1 s\n" in words
    own_server.up()
    assert own_server.command("ingest", tmp_path).returncode == 0
    assert own_server.ask(ONCE) == [(LINES, LINES)]


def test_who_follows_outlives_the_server(tmp_path: Path, own_server: OwnServer) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(event_line(1))

    with begun(own_server, tmp_path, "--follow", loads=1) as process:
        for number in range(2, 4):
            own_server.crash()
            with path.open("ab") as stream:
                stream.write(event_line(number))
            own_server.up()
            while own_server.ask("select count(*) from raw.events") != [(number,)]:
                assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        _, words = process.communicate()

    assert process.returncode == 0, words
    assert own_server.ask(ONCE) == [(3, 3)]
