"""Two loaders whose transactions overlap: a build between their commits misses nothing."""

from pathlib import Path

import psycopg

from tests.conftest import DbtCommand, LoaderCommand, RunningServer
from tests.loader.at_work import held_up, started, wait_for_waiting
from tests.loader.conftest import event_line

LINES = ("run", "--select", "base_event_names", "base_event_lines")


def test_a_load_that_commits_after_a_later_one_was_built_is_in_the_next_build(
    tmp_path: Path, database: str, server: RunningServer, run_loader: LoaderCommand, fork_dbt: DbtCommand
) -> None:
    """The first loader takes load 2 and is held up before its commit; the second one's load 3 is built."""
    slow, fast = tmp_path / "slow.jsonl", tmp_path / "fast.jsonl"
    slow.write_bytes(event_line(1))
    assert run_loader("ingest", slow).returncode == 0
    with slow.open("ab") as stream:
        stream.write(event_line(2))
    fast.write_bytes(event_line(3))

    with psycopg.connect(database, autocommit=True) as connection:

        def ask(query: str, *values: object) -> list[tuple[object, ...]]:
            return connection.execute(query, values or None).fetchall()

        assert fork_dbt(database, "seed").returncode == 0
        assert fork_dbt(database, *LINES).returncode == 0
        with held_up(slow, database) as lock, started(slow, database=database, server=server) as first:
            wait_for_waiting(ask)
            assert run_loader("ingest", fast).returncode == 0
            assert fork_dbt(database, *LINES).returncode == 0
            built = "select load_id, event_id from staging.base_event_lines order by load_id"
            assert ask(built) == [(1, "event-1"), (3, "event-3")]
            lock.rollback()
            assert first.wait() == 0
        assert fork_dbt(database, *LINES).returncode == 0
        assert ask(built) == [(1, "event-1"), (2, "event-2"), (3, "event-3")]
