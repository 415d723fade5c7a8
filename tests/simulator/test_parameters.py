"""The parameter seeds of a world have the columns of the project's own and its tenants' values."""

import csv
from pathlib import Path

import pytest

SEEDS = Path(__file__).resolve().parents[2] / "seeds" / "parameters"
NAMES = [
    "agent_teams", "api_prices", "business_calendars", "holidays", "hub_keywords", "hub_score_points", "hub_targets",
    "human_costs", "model_prices", "platform_fees", "roi_scenarios", "sla_policies", "tenant_plans", "tenants",
]  # fmt: skip
#: Those in which each tenant has rows of its own.
OF_TENANTS = (
    "agent_teams",
    "business_calendars",
    "holidays",
    "human_costs",
    "platform_fees",
    "sla_policies",
    "tenants",
)


def _rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


@pytest.fixture
def parameters(small):
    folder = small("world", "--tenants", 4).path / "parameters"
    return {path.stem: _rows(path) for path in sorted(folder.iterdir())}


def test_world_has_every_parameter_seed_with_its_columns(parameters):
    assert sorted(parameters) == NAMES == sorted(path.stem for path in SEEDS.glob("*.csv"))
    for name in NAMES:
        assert parameters[name][0] == _rows(SEEDS / f"{name}.csv")[0]


def test_first_tenant_pays_and_promises_what_the_project_supposes(parameters):
    for name in OF_TENANTS:
        assert _rows(SEEDS / f"{name}.csv")[1:] == [row for row in parameters[name][1:] if row[0] == "default"]
    own = [row for row in parameters["model_prices"][1:] if row[1] == "CNY"]
    assert own == _rows(SEEDS / "model_prices.csv")[1:]
    assert parameters["roi_scenarios"] == _rows(SEEDS / "roi_scenarios.csv")


def test_tenants_have_time_zones_and_currencies_of_their_own(parameters):
    assert parameters["tenants"][1:] == [
        ["default", "Asia/Shanghai", "CNY"],
        ["nordwind", "Europe/Berlin", "EUR"],
        ["harbor", "America/New_York", "USD"],
        ["southern", "Australia/Lord_Howe", "AUD"],
    ]


def test_period_ends_where_the_next_one_begins(parameters):
    assert [row for row in parameters["human_costs"] if row[0] == "nordwind"] == [
        ["nordwind", "EUR", "2000-01-01", "2026-10-20", "4.50", "27.00"],
        ["nordwind", "EUR", "2026-10-20", "", "4.80", "27.00"],
    ]
    assert [row for row in parameters["model_prices"] if row[:2] == ["assistant-large", "EUR"]] == [
        ["assistant-large", "EUR", "2000-01-01", "2026-10-20", "0.002500", "0.000600", "0.007500"],
        ["assistant-large", "EUR", "2026-10-20", "", "0.002100", "0.000500", "0.007000"],
    ]


def test_the_customer_hub_is_scored_and_measured_as_the_project_supposes(parameters):
    for name in ("hub_keywords", "hub_score_points", "hub_targets"):
        assert parameters[name] == _rows(SEEDS / f"{name}.csv")
