"""The stories of simulator/stories, through the emitter, the loader and dbt: their rows are those worked out by hand.

Told by the simulator's truth as well: where the two differ, one of them is wrong before any model is asked.
"""

import csv
import subprocess
import sys
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

import psycopg
import pytest

from simulator.stories import STORIES, Expected, Story, rehearse
from simulator.stories.page import page

CASES = [pytest.param(story, table, id=f"{story.name}-{table.table}") for story in STORIES for table in story.expected]
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stories")
    return folder, rehearse(STORIES, folder)


@pytest.fixture(scope="module")
def built(told, new_database, server, run_dbt):
    """Answers a query about the warehouse that all stories were built into."""
    folder, settings = told
    now = datetime.fromtimestamp(settings.as_of, UTC).isoformat()
    with new_database() as url:
        ingested = subprocess.run(
            [sys.executable, "-m", "loader", "ingest", folder / "logs"],
            env=server.environment | {"DATABASE_URL": url},
            timeout=120,
            check=False,
            capture_output=True,
            text=True,
        )
        assert ingested.returncode == 0, ingested.stderr
        run = run_dbt(url, "build", "--exclude-resource-type", "unit_test", as_of=now, parameters=folder / "parameters")
        assert run.returncode == 0, run.stdout + run.stderr
        with psycopg.connect(url, autocommit=True) as connection:
            yield connection


@pytest.mark.parametrize(("story", "expected"), CASES)
def test_truth_tells_the_story_as_worked_out(told, story: Story, expected: Expected):
    with (told[0] / "truth" / f"{expected.table}.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["tenant_id"] == story.name]
    assert _comparable(tuple(row[column] for column in expected.columns) for row in rows) == _comparable(expected.rows)


@pytest.mark.parametrize(("story", "expected"), CASES)
def test_warehouse_tells_the_story_as_worked_out(built, story: Story, expected: Expected):
    columns = ", ".join(expected.columns)
    found = built.execute(f"select {columns} from marts.{expected.table} where tenant_id = %s", [story.name]).fetchall()
    assert _comparable(tuple(map(_text, row)) for row in found) == _comparable(expected.rows)


def test_page_of_the_stories_is_up_to_date():
    assert (ROOT / "docs" / "stories.md").read_text(encoding="utf-8") == page()


def test_every_story_promises_rows():
    assert [story.name for story in STORIES if not all(table.rows for table in story.expected)] == []
    assert [story.name for story in STORIES if not story.expected] == []


def _comparable(rows) -> list[tuple[object, ...]]:
    """Rows as values, in one order: numbers by value, instants as instants."""
    return sorted((tuple(map(_value, row)) for row in rows), key=repr)


def _value(text: str) -> object:
    try:
        return Decimal(text).normalize()
    except InvalidOperation:
        pass
    if len(text) > 10 and text[10:11] == "T":
        return datetime.fromisoformat(text)
    return text


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case datetime():
            return value.astimezone(UTC).isoformat()
    return str(value)
