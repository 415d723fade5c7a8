"""The rules of a world beside its truth that are no parameters: the points of the customer hub, as tables."""

import csv

import pytest

from simulator.writing.rules import write_rules


@pytest.fixture(scope="module")
def rules(tmp_path_factory):
    """The tables of the rules, as rows of text."""
    folder = tmp_path_factory.mktemp("rules")
    write_rules(folder)
    tables = {}
    for path in folder.iterdir():
        with path.open(encoding="utf-8", newline="") as file:
            tables[path.stem] = list(csv.reader(file))
    return tables


def test_world_has_its_rules_beside_its_truth(small, rules):
    folder = small("world", "--tenants", 4)
    assert sorted(path.stem for path in (folder.path / "truth" / "rules").iterdir()) == sorted(rules)
    assert folder.table("rules/scoring_points") == [
        dict(zip(rules["scoring_points"][0], row, strict=True)) for row in rules["scoring_points"][1:]
    ]


def test_points_of_the_customer_hub_are_told(rules):
    assert rules["scoring_keywords"][:2] == [
        ["keyword", "trigger_type", "points", "is_blacklisted"],
        ["price", "pre_sales", "20", "false"],
    ]
    assert rules["scoring_keywords"][-1] == ["loan", "", "", "true"]
    assert rules["scoring_points"] == [
        ["rule", "name", "points"],
        ["file_type", "pdf", "10"],
        ["file_type", "xls", "12"],
        ["file_type", "cad", "15"],
        ["day", "weekday", "12"],
        ["day", "weekend", "4"],
        ["knowledge_base", "matched", "20"],
        ["message", "at_most", "100"],
        ["bucket_from", "WHITE", "80"],
        ["bucket_from", "GRAY", "60"],
        ["bucket_from", "BLACK", "0"],
    ]
