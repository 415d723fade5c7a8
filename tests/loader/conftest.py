"""What the loader's tests share: lines, loading in this process, and questions to the raw schema."""

import gzip
import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
import zstandard

from loader.aliases import Alias
from loader.connection import connect
from loader.ingest import Options
from loader.parsing import Parser
from loader.run import ingest_paths
from loader.summary import Summary
from tests.conftest import parsed

Load = Callable[..., Summary]
Ask = Callable[..., list[tuple[Any, ...]]]
TODAY = datetime.now(UTC).date()
OLD, CUTOFF = TODAY - timedelta(days=100), TODAY - timedelta(days=90)


def event_line(number: int = 1, **fields: Any) -> bytes:
    """A valid line, unique by ``number``; ``fields`` add and replace, a value of None removes."""
    line = {
        "event": "session.start",
        "event_id": f"event-{number}",
        "timestamp": "2026-05-01T10:00:00.000000Z",
        "product": "ai_chatbot",
        "tenant_id": "default",
        "schema_version": 1,
        "emitter_id": "emitter-1",
        "seq": number,
        "session_id": f"s{number}",
        "channel": "web",
    } | fields
    return json.dumps({name: value for name, value in line.items() if value is not None}).encode() + b"\n"


def event_lines(first: int, last: int) -> bytes:
    """Valid lines numbered from ``first`` to ``last``."""
    return b"".join(event_line(number) for number in range(first, last + 1))


def packed(content: bytes, ending: str) -> bytes:
    """``content`` as a gzip or zstd archive."""
    return gzip.compress(content) if ending == ".gz" else zstandard.ZstdCompressor().compress(content)


@pytest.fixture
def ask(database: str) -> Iterator[Ask]:
    """``ask(query, *values)``: all rows, as the owner of the database."""
    with psycopg.connect(database, autocommit=True) as connection:

        def run(query: str, *values: Any) -> list[tuple[Any, ...]]:
            return connection.execute(query, values or None).fetchall()

        yield run


@pytest.fixture
def load(database: str, ask: Ask) -> Load:
    """``load(*paths, as_new=…, max_line_bytes=…, aliases=…)``: a run in this process, as the role ``loader``.

    After every run every line is accounted for: read = loaded + rejected, per file and by query.
    """

    def run(*paths: Path, aliases: dict[str, Alias] | None = None, **options: Any) -> Summary:
        with connect(parsed(database) | {"options": "-c role=loader"}) as link:
            summary = ingest_paths(link, paths, Parser(aliases), Options(**options))
        assert unaccounted(ask) == []
        return summary

    return run


@pytest.fixture
def old_load(tmp_path: Path, load: Load, ask: Ask) -> None:
    """Ten lines and a bad one, loaded a hundred days ago, and five of today."""
    (tmp_path / "a.jsonl").write_bytes(event_lines(1, 10) + b"no json\n")
    load(tmp_path / "a.jsonl")
    move(ask, OLD)
    with (tmp_path / "a.jsonl").open("ab") as file:
        file.write(event_lines(11, 15))
    load(tmp_path / "a.jsonl")


@pytest.fixture
def is_built(database: str) -> None:
    """What the loader asks the warehouse, answered yes to loads before today (the real view: tests/warehouse)."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("set role transformer")
        connection.execute(
            "create view staging.stg_pipeline__loads as"
            " select loads.*, loaded_on < cast(now() at time zone 'UTC' as date) as is_built from raw.loads"
        )


def cutoff_now() -> date:
    """What commands take for ``90d``: midnight may have passed since CUTOFF was that."""
    return datetime.now(UTC).date() - timedelta(days=90)


def move(ask: Ask, day: date) -> None:
    """Everything of the newest day of loads as if it had been loaded on a day in UTC. Midnight may pass before it."""
    [(newest,)] = ask("select max(loaded_on) from raw.loads")
    ask("select raw.ensure_partition(%s)", day)
    ask("update raw.events set loaded_on = %s where loaded_on = %s returning 1", day, newest)
    moment = datetime.combine(day, time(12), UTC)
    ask("update raw.loads set loaded_on = %s, loaded_at = %s where loaded_on = %s returning 1", day, moment, newest)


def unaccounted(ask: Ask) -> list[tuple[Any, ...]]:
    """Files for which lines consumed, loads, events, dead letters and what was pruned or erased do not add up."""
    return ask("""
        with events as (
            select source_file_id, sum(lines) as lines from (
                select source_file_id, 1 as lines from raw.events
                union all select source_file_id, events_count from raw.pruned_lines
                union all select source_file_id, 1 from raw.erased_lines where held_in = 'events'
            ) as loaded group by source_file_id
        ),
        dead_letters as (
            select source_file_id, sum(lines) as lines from (
                select source_file_id, 1 as lines from raw.dead_letters where state <> 'retried'
                union all select source_file_id, dead_letters_count from raw.pruned_lines
                union all select source_file_id, 1 from raw.erased_lines where held_in = 'dead_letters'
            ) as rejected group by source_file_id
        ),
        loads as (
            select source_file_id, sum(lines_read) as lines_read, sum(lines_loaded) as lines_loaded,
                sum(lines_rejected - lines_retried) as lines_rejected, max(bytes_to) as bytes_to
            from raw.loads group by source_file_id
        )
        select files.path
        from raw.source_files as files
        left join events on files.source_file_id = events.source_file_id
        left join dead_letters on files.source_file_id = dead_letters.source_file_id
        left join loads on files.source_file_id = loads.source_file_id
        where (files.lines_consumed - files.inherited_lines, files.bytes_consumed, loads.lines_read)
            is distinct from (loads.lines_read, loads.bytes_to, loads.lines_loaded + loads.lines_rejected)
            or (loads.lines_loaded, loads.lines_rejected)
            is distinct from (coalesce(events.lines, 0), coalesce(dead_letters.lines, 0))
    """)
