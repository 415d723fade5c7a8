"""Dead letters read again: each line is loaded once or stays what it was, whoever stops or repeats it."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from loader.aliases import Alias
from loader.connection import connect
from loader.errors import UsageError
from loader.prune import Pruned, prune
from loader.retry_letters import Retried
from tests.conftest import RunningServer, parsed
from tests.loader.conftest import Ask, Load, event_line, event_lines, unaccounted
from tests.loader.letters import STRICT, once_rejected, retry

TODAY = datetime.now(UTC).date()


def test_a_retried_line_becomes_an_event_of_its_file_and_line_number(
    tmp_path: Path, database: str, load: Load, ask: Ask
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(event_line(1) + once_rejected(2, note="x\\y") + event_line(3))
    load(path, aliases=STRICT)

    assert retry(database) == Retried(loaded=1)

    assert unaccounted(ask) == []
    assert ask(
        "select event, event_id, line_number, payload ->> 'note', path, events.loaded_on = loads.loaded_on,"
        " lines_read, lines_loaded, lines_rejected, lines_retried, bytes_to"
        " from raw.events as events"
        " inner join raw.source_files using (source_file_id) inner join raw.loads as loads using (load_id)"
        " where load_id > 1"
    ) == [("chat.begun", "event-2", 2, "x\\y", str(path), True, 0, 1, 0, 1, None)]
    assert ask("select state, line, line_bytes > 100, retry_load_id > load_id from raw.dead_letters") == [
        ("retried", None, True, True)
    ]


def test_a_second_retry_loads_nothing(tmp_path: Path, database: str, load: Load, ask: Ask) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(once_rejected(1))
    load(path, aliases=STRICT)
    assert retry(database) == Retried(loaded=1)

    assert retry(database) == Retried(settled=1)
    assert ask("select count(*) from raw.events") == [(1,)]


def test_a_file_goes_on_where_it_was_after_a_retry(tmp_path: Path, database: str, load: Load, ask: Ask) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(once_rejected(1) + event_line(2))
    load(path, aliases=STRICT)
    retry(database)
    with path.open("ab") as file:
        file.write(event_line(3))
    (tmp_path / "copy.jsonl").write_bytes(path.read_bytes())

    assert load(tmp_path).lines_read == 1
    assert ask("select line_number from raw.events order by 1") == [(1,), (2,), (3,)]


def test_what_is_still_rejected_stays_with_the_reason_of_today(
    tmp_path: Path, database: str, load: Load, ask: Ask
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(once_rejected(1) + b"no json \xff\x00\n")
    load(path, aliases=STRICT)
    assert ask("select detail from raw.dead_letters where reason = 'missing_field'") == [("session_id",)]

    stricter = {"chat.begun": Alias("ticket.created", "", "")}
    assert retry(database, aliases=stricter) == Retried(rejected=2)

    assert unaccounted(ask) == []
    assert ask("select line, state, reason, detail from raw.dead_letters order by line_number") == [
        (once_rejected(1)[:-1], "new", "missing_field", "ticket_id"),
        (b"no json \xff\x00", "new", "invalid_utf8", "byte 9 of the line"),
    ]
    assert ask("select count(*) from raw.loads") == [(1,)]


def test_what_the_database_still_refuses_costs_no_other_line(
    tmp_path: Path, database: str, load: Load, ask: Ask
) -> None:
    path = tmp_path / "a.jsonl"
    huge = event_line(2).replace(b"}", b', "huge": 1e999999}')
    path.write_bytes(once_rejected(1) + huge + once_rejected(3))
    load(path, aliases=STRICT)

    assert retry(database) == Retried(loaded=2, rejected=1)

    assert unaccounted(ask) == []
    assert ask("select line_number, line, reason, detail from raw.dead_letters where state = 'new'") == [
        (2, huge[:-1], "refused_by_database", "SQLSTATE 22003")
    ]


def test_a_line_that_was_cut_is_not_retried_from_its_beginning(
    tmp_path: Path, database: str, load: Load, ask: Ask
) -> None:
    path = tmp_path / "a.jsonl"
    # Its beginning alone is an event.
    path.write_bytes(event_line(1)[:-1] + b" " * 1_000 + b"\n" + once_rejected(2))
    load(path, aliases=STRICT, max_line_bytes=len(event_line(1)) + 100)

    assert retry(database) == Retried(loaded=1, cut=1)
    assert ask("select reason, state from raw.dead_letters order by line_number") == [
        ("line_too_long", "new"),
        ("missing_field", "retried"),
    ]


def test_batches_and_files_have_a_load_each(tmp_path: Path, database: str, load: Load, ask: Ask) -> None:
    for name in "ab":
        (tmp_path / f"{name}.jsonl").write_bytes(b"".join(once_rejected(number, note=name) for number in range(1, 6)))
    load(tmp_path, aliases=STRICT)

    assert retry(database, batch_lines=3) == Retried(loaded=10)

    assert unaccounted(ask) == []
    # Letters 1 to 3 and 4 to 5 of a, 1 of b, and so on: four batches, of which the second has lines of both.
    assert ask("select lines_retried from raw.loads where lines_retried > 0 order by load_id") == [
        (3,), (2,), (1,), (3,), (1,)
    ]  # fmt: skip
    assert ask("select count(*), count(distinct (source_file_id, line_number)) from raw.events") == [(10, 10)]


def test_a_batch_of_long_lines_is_small(tmp_path: Path, database: str, load: Load, ask: Ask) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"".join(once_rejected(number, note="x" * 9_000_000) for number in range(1, 4)))
    load(path, aliases=STRICT, max_line_bytes=10_000_000)

    assert retry(database) == Retried(loaded=3)
    assert ask("select lines_retried from raw.loads where lines_retried > 0") == [(1,), (1,), (1,)]


def test_only_the_chosen_are_retried(tmp_path: Path, database: str, load: Load, ask: Ask) -> None:
    for name in ("a.jsonl", "b.jsonl"):
        (tmp_path / name).write_bytes(once_rejected(1, note=name) + once_rejected(2) + b"{}\n")
    load(tmp_path, aliases=STRICT)

    assert retry(database, file="/b.jsonl", reasons=("missing_field",)) == Retried(loaded=2)
    assert retry(database, ids=(1,)) == Retried(loaded=1)
    assert retry(database, load=2) == Retried(rejected=1, settled=2)
    assert retry(database, until=datetime(2020, 1, 1, tzinfo=UTC)) == Retried()
    assert ask("select dead_letter_id from raw.dead_letters where state = 'retried' order by 1") == [(1,), (4,), (5,)]


def test_an_id_that_does_not_exist_is_wrong_usage(database: str) -> None:
    with pytest.raises(UsageError, match=r"^there is no dead letter 17\n  next: .*loader dead-letters list$"):
        retry(database, ids=(17,))


def test_pruning_counts_a_retried_line_once(tmp_path: Path, database: str, load: Load, ask: Ask) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(event_lines(1, 3) + once_rejected(4) + b"{}\n")
    load(path, aliases=STRICT)
    retry(database)
    old = TODAY - timedelta(days=100)
    ask("update raw.loads set loaded_on = %s where load_id = 1 returning 1", old)
    ask("select raw.ensure_partition(%s)", old)
    ask("update raw.events set loaded_on = %s where load_id = 1 returning 1", old)
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("set role transformer")
        connection.execute("create view staging.stg_pipeline__loads as select *, true as is_built from raw.loads")

    with connect(parsed(database)) as link:
        assert prune(link, TODAY - timedelta(days=90)) == Pruned(TODAY - timedelta(days=90), 1, 3, 1)
    assert unaccounted(ask) == []
    assert ask("select line_number from raw.events") == [(4,)]
    with connect(parsed(database)) as link:
        assert prune(link, TODAY + timedelta(days=2)) == Pruned(TODAY + timedelta(days=2), 1, 1, 0)
    assert unaccounted(ask) == []


@contextmanager
def retry_under_way(
    database: str, server: RunningServer, ask: Ask, *, at_once: int
) -> Iterator[list[subprocess.Popen]]:
    """Real retries of all dead letters that wait for a lock of somebody else."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "loader", "dead-letters", "retry", "--all", "--json"],
            env=server.environment | {"DATABASE_URL": database},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(at_once)
    ]
    try:
        while ask(
            "select count(*) from pg_stat_activity where application_name = 'loader' and wait_event_type = 'Lock'"
            " and datname = current_database()"
        ) != [(at_once,)]:
            assert [process.poll() for process in processes] == [None] * at_once
        yield processes
    finally:
        for process in processes:
            process.kill()
            process.communicate()


MANY = 2_500


@pytest.fixture
def many_letters(tmp_path: Path, load: Load) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"".join(once_rejected(number) for number in range(1, MANY + 1)))
    load(path, aliases=STRICT)


# Where the lock lies: in the second of three batches before it is read, and in the first one after its COPY.
@pytest.mark.parametrize(
    ("lock", "committed"),
    [
        ("select from raw.dead_letters where dead_letter_id = 1500 for update", 1_000),
        ("lock table raw.loads in share mode", 0),
    ],
)
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
@pytest.mark.usefixtures("many_letters")
def test_killed_in_the_middle_each_line_is_loaded_once_by_the_next_retry(
    database: str, server: RunningServer, ask: Ask, lock: str, committed: int, *, number: signal.Signals
) -> None:
    with psycopg.connect(database) as blocker:
        blocker.execute(lock)  # a statement of this test
        with retry_under_way(database, server, ask, at_once=1) as [process]:
            process.send_signal(number)
            process.wait()
            assert process.returncode != 0
    while ask("select 1 from pg_stat_activity where application_name = 'loader' and datname = current_database()"):
        pass  # until the server has noticed
    assert unaccounted(ask) == []
    assert ask("select count(*) from raw.events") == [(committed,)]

    assert retry(database) == Retried(loaded=MANY - committed, settled=committed)
    assert unaccounted(ask) == []
    assert ask("select count(*), count(distinct line_number) from raw.events") == [(MANY, MANY)]


@pytest.mark.usefixtures("many_letters")
def test_two_retries_at_once_load_each_line_once(database: str, server: RunningServer, ask: Ask) -> None:
    with psycopg.connect(database) as blocker:
        blocker.execute("select from raw.dead_letters where dead_letter_id = 1500 for update")
        with retry_under_way(database, server, ask, at_once=2) as processes:
            blocker.rollback()
            for process in processes:
                process.wait()
                assert process.returncode == 0
    assert unaccounted(ask) == []
    assert ask("select count(*), count(distinct line_number) from raw.events") == [(MANY, MANY)]
