"""Dead letters that are dealt with, as the warehouse sees them: each line is counted once, wherever it went."""

from collections.abc import Iterator

import pytest

from loader.connection import External, connect
from loader.dead_letters import Filters, discard_letters
from loader.ingest import Options
from loader.parsing import Parser
from loader.retry_letters import Retried
from loader.run import ingest_paths
from tests.conftest import AS_OF
from tests.loader.letters import STRICT, once_rejected, retry
from tests.warehouse.retained import Retained, differences, event

COLUMNS = ("read", "loaded", "duplicate", "pending", "rejected", "discarded", "retried")


@pytest.fixture(scope="module")
def story(forks, built_template, new_database, tmp_path_factory) -> Iterator[dict[str, object]]:
    """What the reconciliation said after each step, and whether the increment was a full refresh in the end.

    The file has five lines: a good one, three that are rejected under strict rules, and one that is no JSON. The second
    rejected line repeats the event of the first line. Then two of them are retried, and the bad one is discarded.
    """
    folder = tmp_path_factory.mktemp("letters")
    path = folder / "a.jsonl"
    good = event("session.start", 1, "2026-05-01T10:00:00Z", session_id="s", channel="web")
    again = once_rejected(2, event_id="s-1")
    path.write_bytes(good + b"\n" + once_rejected(1) + again + once_rejected(3) + b"no json\n")
    with new_database(built_template) as url:
        warehouse = Retained(url, forks, folder)
        with connect(External(url).parameters("loader")) as connection:
            ingest_paths(connection, [path], Parser(STRICT), Options())
        seen = {}
        warehouse.build(AS_OF)
        seen["rejected"] = counts(warehouse)
        assert retry(url, ids=(1, 2)) == Retried(loaded=2)
        with connect(External(url).parameters("admin")) as connection:
            assert discard_letters(connection, Filters(reasons=("not_json",))) == 1
        seen["view"] = warehouse.ask("select state from staging.stg_pipeline__dead_letters order by line_number")
        seen["is built"] = warehouse.ask("select is_built from staging.stg_pipeline__loads order by load_id")
        warehouse.build(AS_OF)
        seen["retried"] = counts(warehouse)
        increment = warehouse.marts()
        finished = warehouse.run(AS_OF, "--select", "ingest_reconciliation", command="test")
        assert finished.code == 0, finished.output
        warehouse.build(AS_OF, "--full-refresh")
        seen["differences"] = differences(increment, warehouse.marts())
        yield seen


def counts(warehouse: Retained) -> dict[str, int]:
    [row] = warehouse.ask("select to_jsonb(files) from marts.ingest_reconciliation as files")
    return {name: row[0][f"{name}_lines_count"] for name in COLUMNS}


def test_a_retried_line_is_loaded_and_a_discarded_one_stays_rejected(story):
    assert story["rejected"] == {
        "read": 5, "loaded": 1, "duplicate": 0, "pending": 0, "rejected": 4, "discarded": 0, "retried": 0
    }  # fmt: skip
    assert story["retried"] == {
        "read": 5, "loaded": 2, "duplicate": 1, "pending": 0, "rejected": 2, "discarded": 1, "retried": 2
    }  # fmt: skip


def test_a_load_of_retried_lines_waits_for_a_build_like_any_other(story):
    assert story["is built"] == [(True,), (False,)]


def test_staging_tells_what_became_of_a_dead_letter(story):
    assert story["view"] == [("retried",), ("retried",), ("new",), ("discarded",)]


def test_retried_lines_are_the_same_in_an_increment_and_in_a_full_refresh(story):
    assert story["differences"] == []
