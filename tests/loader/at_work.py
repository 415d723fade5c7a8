"""Real loaders at work, and held up where a test wants them."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests.conftest import RunningServer
from tests.loader.conftest import Ask

ONCE = "select count(*), count(distinct event_id) from raw.events"


@contextmanager
def started(*arguments: object, database: str, server: RunningServer) -> Iterator[subprocess.Popen[str]]:
    """A real ``loader ingest``, killed at the end if it is still there."""
    with subprocess.Popen(
        [sys.executable, "-m", "loader", "ingest", *map(str, arguments)],
        env=server.environment | {"DATABASE_URL": database},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def held_up(path: Path, database: str) -> Iterator[psycopg.Connection]:
    """Who loads more of this known file gets as far as its books, and waits there with its batch until the end."""
    with psycopg.connect(database) as connection:
        connection.execute("select from raw.source_files where path = %s for update", [str(path)])
        yield connection


def wait_for_waiting(ask: Ask, count: int = 1) -> None:
    """Until so many loaders wait for a lock."""
    while ask(
        "select count(*) from pg_stat_activity where application_name = 'loader' and wait_event_type = 'Lock'"
        " and datname = current_database()"
    ) < [(count,)]:
        pass
