"""MetricFlow, which comes with dbt, understands the metrics, and its SQL gives the figures of the marts."""

import json
import subprocess
import sys
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from tests.conftest import CLEAN_ENVIRONMENT, ROOT

RATES = [
    metric["name"]
    for metric in yaml.safe_load((ROOT / "models/marts/sessions/_sessions__metrics.yml").read_text())["metrics"]
]
GROUPS = {"week": "metric_time__week", "channel": "session__channel"}
#: It writes SQL and runs none, so all it needs of a database is the dialect.
COMPILE = """
import json, sys
from types import SimpleNamespace

from metricflow.engine.metricflow_engine import MetricFlowEngine, MetricFlowQueryRequest
from metricflow.protocols.sql_client import SqlEngine
from metricflow.sql.render.postgres import PostgresSQLSqlPlanRenderer
from metricflow_semantics.model.dbt_manifest_parser import parse_manifest_from_dbt_generated_manifest
from metricflow_semantics.model.semantic_manifest_lookup import SemanticManifestLookup

asked = json.load(sys.stdin)
manifest = parse_manifest_from_dbt_generated_manifest(asked["manifest"])
dialect = SimpleNamespace(sql_engine_type=SqlEngine.POSTGRES, sql_plan_renderer=PostgresSQLSqlPlanRenderer())
engine = MetricFlowEngine(SemanticManifestLookup(manifest), dialect)
answers = []
for rate, group in asked["queries"]:
    request = MetricFlowQueryRequest.create(metric_names=[rate], group_by_names=[group])
    answers.append(engine.explain(request).sql_statement.sql)
json.dump(answers, sys.stdout)
"""
CASES = [(rate, "week") for rate in RATES] + [(rate, "channel") for rate in ("ai_resolution_rate", "automation_rate")]


@pytest.fixture(scope="module")
def queries(warehouse, tmp_path_factory):
    """MetricFlow's SQL for each case."""
    target = tmp_path_factory.mktemp("parsed")
    parsed = subprocess.run(
        [Path(sys.executable).parent / "dbt", "--quiet", "parse", "--target-path", target, "--log-path", target],
        cwd=ROOT,
        env=CLEAN_ENVIRONMENT | {"DATABASE_URL": warehouse.url},
        check=False,
        capture_output=True,
        text=True,
    )
    assert parsed.returncode == 0, parsed.stdout
    asked = {
        "manifest": (target / "semantic_manifest.json").read_text(),
        "queries": [(rate, GROUPS[group]) for rate, group in CASES],
    }
    compiled = subprocess.run(
        [sys.executable, "-c", COMPILE], input=json.dumps(asked), check=False, capture_output=True, text=True
    )
    assert compiled.returncode == 0, compiled.stderr
    return dict(zip(CASES, json.loads(compiled.stdout), strict=True))


def worded(value):
    """A value of a group as in the mart."""
    if isinstance(value, datetime):
        return str(value.date())
    return "(not logged)" if value is None else value


@pytest.mark.long
@pytest.mark.parametrize(("rate", "group"), CASES)
def test_a_rate_is_that_of_the_marts(warehouse, queries, rate, group):
    told = warehouse.ask(
        f"select case when dimension = 'all' then period_start::text else dimension_value end, {rate}"
        " from marts.ai_resolution_rates where (period_type, dimension) = (%s, %s)",
        *{"week": ("week", "all"), "channel": ("month", "channel")}[group],
    )
    found = {worded(value): figure for value, figure in warehouse.ask(queries[rate, group])}
    assert {value: None if figure is None else round(Decimal(figure), 6) for value, figure in found.items()} == dict(
        told
    )
