"""The conditions of `is_true` can fail: each is broken on doctored rows, and none is blind to null."""

import json
import re
from pathlib import Path

import psycopg
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
#: Folders and the schemas of what they describe.
LAYERS = {"models/marts": "marts", "models/intermediate": "intermediate", "models/staging": "staging", "seeds": "seeds"}
#: What a column is set to, one row after the other, to break a condition.
WRONG = (None, -1_000_000, 1_000_000, True, False, "wrong", "2000-01-01T00:00:00Z", "2100-01-01T00:00:00Z")


def conditions():
    for folder, schema in LAYERS.items():
        for path in sorted((ROOT / folder).rglob("*.yml")):
            described = yaml.safe_load(path.read_text(encoding="utf-8"))
            for model in described.get("models") or described.get("seeds") or ():
                columns = [column["name"] for column in model["columns"]]
                for test in model.get("data_tests") or ():
                    told = test["is_true"]["arguments"]["conditions"] if "is_true" in test else ""
                    for condition in told.splitlines():
                        named = [name for name in columns if re.search(rf"\b{name}\b", condition)]
                        yield pytest.param(
                            f"{schema}.{model['name']}", condition, named, id=f"{model['name']}: {condition}"
                        )


CONDITIONS = list(conditions())


def offenders(warehouse, table, condition, column=None, value=None):
    """How many rows the test would show if a column of all rows held a value; no such rows where it cannot hold it."""
    doctored = json.dumps({column: value} if column else {})
    try:
        [(count,)] = warehouse.ask(
            f"with doctored as (select doctored.* from {table} as genuine,"
            " lateral jsonb_populate_record(genuine, cast(%s as jsonb)) as doctored)"
            f" select count(*) from doctored where ({condition}) is not true",
            doctored,
        )
    except psycopg.DataError:
        return 0
    return count


@pytest.mark.parametrize(("table", "condition", "columns"), CONDITIONS)
def test_a_doctored_row_is_found_by(warehouse, table, condition, columns):
    assert offenders(warehouse, table, condition) == 0
    wrong = ((column, value) for column in columns for value in WRONG)
    assert any(offenders(warehouse, table, condition, *doctored) for doctored in wrong)


@pytest.mark.parametrize(
    ("table", "condition", "columns"),
    [case for case in CONDITIONS if "null" not in case.id and "coalesce" not in case.id],
)
def test_a_null_is_found_by(warehouse, table, condition, columns):
    [(rows,)] = warehouse.ask(f"select count(*) from {table}")
    counts = [column for column in columns if column.endswith("_count")]
    assert {offenders(warehouse, table, condition, column) for column in counts} <= {rows}


def test_there_are_invariants():
    assert len(CONDITIONS) > 40
