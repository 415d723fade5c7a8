"""A metric that says more than the marts would write is refused, not half obeyed."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import CLEAN_ENVIRONMENT
from tests.warehouse.edited import SESSIONS_YML, copy_project, edit

SESSIONS = '        agg: sum\n        expr: "case when not is_test then 1 else 0 end"\n'
RESOLUTIONS = '        agg: sum\n        expr: "case when is_ai_resolution then 1 else 0 end"\n'
FILTER = "        filter: \"{{ Dimension('session__channel') }} = 'web'\"\n"


@pytest.mark.parametrize(
    ("model", "old", "new", "message"),
    [
        (
            "int_sessions_counted_daily",
            SESSIONS,
            SESSIONS + FILTER,
            "would ignore the filter of the metric sessions_count",
        ),
        (
            "int_session_returns_counted_daily",
            RESOLUTIONS,
            RESOLUTIONS.replace("sum", "max"),
            "The metric resolutions_count is no sum",
        ),
    ],
    ids=["a filter", "another aggregation"],
)
def test_a_metric_is_refused_for(warehouse, tmp_path, model, old, new, message):
    project = tmp_path / "project"
    copy_project(project)
    edit(project, [(SESSIONS_YML, old, new)])
    compiled = subprocess.run(
        [Path(sys.executable).parent / "dbt", "compile", "--select", model, "--log-path", tmp_path],
        cwd=project,
        env=CLEAN_ENVIRONMENT | {"DATABASE_URL": warehouse.url},
        check=False,
        capture_output=True,
        text=True,
    )
    assert compiled.returncode != 0
    assert message in compiled.stdout
