"""A metric that says more than the marts would write is refused, not half obeyed."""

from contextlib import closing

from tests.conftest import CLEAN_ENVIRONMENT
from tests.warehouse.dbt_forks import DbtForks
from tests.warehouse.edited import SESSIONS_YML, copy_project, edit

SESSIONS = '        agg: sum\n        expr: "case when not is_test then 1 else 0 end"\n'
RESOLUTIONS = '        agg: sum\n        expr: "case when is_ai_resolution then 1 else 0 end"\n'
FILTER = "        filter: \"{{ Dimension('session__channel') }} = 'web'\"\n"


def test_metrics_with_a_filter_or_another_aggregation_are_refused(server, built_database, tmp_path):
    project = tmp_path / "project"
    copy_project(project)
    changes = {SESSIONS: SESSIONS + FILTER, RESOLUTIONS: RESOLUTIONS.replace("sum", "max")}
    edit(project, [(SESSIONS_YML, *change) for change in changes.items()])
    with closing(DbtForks(project, tmp_path, CLEAN_ENVIRONMENT | {"DATABASE_URL": server.url})) as dbt:
        for model, message in (
            ("int_sessions_counted_daily", "would ignore the filter of the metric sessions_count"),
            ("int_session_returns_counted_daily", "The metric resolutions_count is no sum"),
        ):
            compiled = dbt.run(built_database, "compile", "--select", model)
            assert compiled.code != 0
            assert message in compiled.output
