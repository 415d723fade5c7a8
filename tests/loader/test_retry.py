"""While the database is away or cannot go on: what is tried again, what is not, and nothing is lost or twice."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from loader.errors import DatabaseError, PassingError
from loader.passing import is_passing
from loader.retry import Retries
from tests.conftest import LoaderCommand, RunningServer
from tests.loader.at_work import ONCE, held_up, started, wait_for_waiting
from tests.loader.conftest import Ask, Load, event_lines, unaccounted


@contextmanager
def no_connection() -> Iterator[psycopg.Connection]:
    yield psycopg.Connection.__new__(psycopg.Connection)


class Patience:
    """Work that fails as it is told, on a clock that only pauses move."""

    def __init__(self, *errors: Exception, limit: float | None = 60) -> None:
        self.errors = list(errors)
        self.done = 0
        self.now = 0.0
        self.pauses: list[float] = []
        self.words: list[str] = []
        self.retries = Retries(limit, self.words.append, lambda: self.now, self.sleep, lambda: 1.0)

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds

    def work(self, _connection: object) -> str:
        if self.errors:
            raise self.errors.pop(0)
        return "done"

    def persist(self) -> str:
        return self.retries.persist(no_connection, self.work, lambda: self.done)


def test_pauses_double_up_to_five_seconds_and_the_trouble_is_told_once() -> None:
    patience = Patience(*[PassingError("it is away")] * 8)

    assert patience.persist() == "done"
    assert patience.pauses == [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0]
    assert patience.words == ["it is away\n  trying again for up to 60 s"]


def test_a_database_that_comes_back_is_told() -> None:
    patience = Patience()
    errors = [PassingError("nobody listens")] * 2

    @contextmanager
    def connect() -> Iterator[psycopg.Connection]:
        if errors:
            raise errors.pop()
        with no_connection() as connection:
            yield connection

    assert patience.retries.persist(connect, patience.work, lambda: 0) == "done"
    assert patience.words == ["nobody listens\n  trying again for up to 60 s", "the database answers again"]


def test_the_last_error_is_raised_when_patience_is_at_its_end() -> None:
    patience = Patience(*[PassingError(f"error {number}") for number in range(100)], limit=1)

    with pytest.raises(PassingError, match=r"^error 4$"):
        patience.persist()
    assert sum(patience.pauses) == pytest.approx(1)


def test_a_batch_that_was_committed_renews_the_patience() -> None:
    patience = Patience(*[PassingError("it is away")] * 20, limit=1)
    work = patience.work

    def work_a_bit(connection: object) -> str:
        patience.done += 1
        return work(connection)

    assert patience.retries.persist(no_connection, work_a_bit, lambda: patience.done) == "done"
    assert set(patience.pauses) == {0.1}


def test_no_patience_and_other_errors_are_not_tried_again() -> None:
    for patience in (Patience(PassingError("away"), limit=0), Patience(DatabaseError("refused"))):
        with pytest.raises(DatabaseError):
            patience.persist()
        assert patience.pauses == []


@pytest.mark.parametrize(
    ("code", "passes"),
    [
        ("08006", True), ("57P01", True), ("57P03", True), ("40P01", True), ("40001", True), ("55P03", True),
        ("57014", True), ("53100", True), ("53300", True), ("25006", True),
        ("28P01", False), ("3D000", False), ("3F000", False), ("42P01", False), ("42501", False), ("58030", False),
        ("57P04", False),
    ],
)  # fmt: skip
def test_only_what_passes_by_itself_is_tried_again(code: str, passes: bool) -> None:
    assert is_passing(psycopg.errors.lookup(code)()) is passes


@pytest.fixture
def half_loaded(tmp_path: Path, load: Load) -> Path:
    """A file of which five lines are loaded and five are not."""
    path = tmp_path / "a.jsonl"
    path.write_bytes(event_lines(1, 5))
    load(path)
    with path.open("ab") as stream:
        stream.write(event_lines(6, 10))
    return path


def end_waiting_loaders(ask: Ask, how: str) -> None:
    """Until none of those that wait now is there, or waits, any more."""
    waiting = (
        "select pid, query_start from pg_stat_activity where application_name = 'loader' and wait_event_type = 'Lock'"
        " and datname = current_database()"
    )
    before = ask(waiting)
    ask(f"select {how}(pid) from pg_stat_activity where pid = any(%s)", [pid for pid, _ in before])
    while set(before) & set(ask(waiting)):
        pass


@pytest.mark.parametrize("how", ["pg_terminate_backend", "pg_cancel_backend"])
def test_a_batch_that_the_server_ends_is_loaded_by_the_next_try(
    half_loaded: Path, database: str, server: RunningServer, ask: Ask, how: str
) -> None:
    with held_up(half_loaded, database) as lock, started(half_loaded, database=database, server=server) as process:
        wait_for_waiting(ask)
        end_waiting_loaders(ask, how)
        wait_for_waiting(ask)
        lock.rollback()
        _, words = process.communicate()

    assert process.returncode == 0, words
    assert words.count("trying again for up to 60 s") == 1
    assert "lines: 5 read, 5 loaded" in words
    assert ask(ONCE) == [(10, 10)]
    assert unaccounted(ask) == []


@pytest.mark.parametrize("setting", ["statement_timeout", "lock_timeout"])
def test_a_timeout_of_the_server_is_tried_again_and_then_refused(
    half_loaded: Path, database: str, run_loader: LoaderCommand, ask: Ask, setting: str
) -> None:
    env = {"PGOPTIONS": f"-c {setting}=50ms"}
    with held_up(half_loaded, database):
        refused = run_loader("ingest", half_loaded, "--retry-for", "1", env=env)

    assert refused.returncode == 4
    assert "trying again for up to 1 s" in refused.stderr
    assert "timeout" in refused.stderr.splitlines()[-2]
    assert unaccounted(ask) == []
    assert run_loader("ingest", half_loaded, env=env).returncode == 0
    assert ask(ONCE) == [(10, 10)]


def test_a_deadlock_of_two_loaders_is_tried_again(
    half_loaded: Path, database: str, server: RunningServer, ask: Ask, load: Load, tmp_path: Path
) -> None:
    """The test's own transaction takes the two rows in the other order, as a loader of the other file would."""
    other = tmp_path / "b.jsonl"
    other.write_bytes(event_lines(101, 105))
    load(other)
    place = other.stat()
    with psycopg.connect(database) as connection:
        connection.execute("set deadlock_timeout = '1min'")
        connection.execute("select from raw.source_files where path = %s for update", [str(half_loaded)])
        # The known file now lies where the books still have the other: the loader takes that row first.
        connection.execute("select 1")
        ask(
            "update raw.source_files set device = %s, inode = %s where path = %s returning 1",
            half_loaded.stat().st_dev, half_loaded.stat().st_ino, str(other),
        )  # fmt: skip
        with started(half_loaded, database=database, server=server) as process:
            wait_for_waiting(ask)
            connection.execute("update raw.source_files set inode = %s where path = %s", [place.st_ino, str(other)])
            connection.commit()
            _, words = process.communicate()

    assert process.returncode == 0, words
    assert "deadlock detected" in words
    assert ask(ONCE) == [(15, 15)]
    assert unaccounted(ask) == []
