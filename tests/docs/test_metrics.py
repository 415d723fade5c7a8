"""The metrics are defined once: the page and the columns of the marts say what the definitions say."""

import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "dbt_project"))
from metrics_page import PAGE, metrics, page, table  # noqa: E402

METRICS = metrics()
#: Rows of single sessions bear the names of sums over them.
FACTS = {"fct_sessions"}
#: Counts of the same name are of something else here: calls, audits, customers.
OTHERS = {"_operations__models.yml", "_dimensions__models.yml", "_quality_marts__models.yml"}


def columns():
    """Model, name and description of each column that bears a metric's name."""
    for path in (ROOT / "models").rglob("*.yml"):
        for model in yaml.safe_load(path.read_text(encoding="utf-8")).get("models") or ():
            for column in model["columns"] if model["name"] not in FACTS else ():
                metric = METRICS.get(column["name"])
                if metric and not (metric["type"] == "simple" and path.name in OTHERS):
                    yield model["name"], column["name"], column["description"]


def test_the_page_is_that_of_the_definitions():
    text = PAGE.read_text(encoding="utf-8")
    assert page(text, METRICS) == text, "run make reference"
    assert table(METRICS).count("\n") == 2 + sum(metric["type"] != "simple" for metric in METRICS.values()) > 15


def test_a_column_that_bears_a_metrics_name_has_its_description():
    bearing = list(columns())
    assert {name for _, name, _ in bearing} == set(METRICS)
    assert [column for column in bearing if column[2] != METRICS[column[1]]["description"]] == []


@pytest.mark.parametrize("metric", METRICS.values(), ids=METRICS)
def test_a_metric_has_labels_in_both_languages(metric):
    assert metric["label"].isascii()
    assert not metric["config"]["meta"]["label_zh"].isascii()
