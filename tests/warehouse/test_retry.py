"""``dbt retry`` after a build that failed."""

from datetime import date

import pytest

from tests.conftest import AS_OF
from tests.warehouse.dbt_forks import MODELS
from tests.warehouse.retained import Retained, Rows, differences, event

DAY = date(2026, 10, 20)


@pytest.fixture
def warehouse(built_database, forks, tmp_path) -> Retained:
    return Retained(built_database, forks, tmp_path)


def session(name: str, number: int) -> list[bytes]:
    """A session, its ticket, and an agent's login with this number."""
    of = {"session_id": name}
    ticket = {"ticket_id": f"ticket-of-{name}", "source": "chat", "type": "refund", "priority": "normal"}
    return [
        event("session.start", 1, "2026-10-15T10:00:00Z", **of, channel="web"),
        event("session.message", 2, "2026-10-15T10:01:00Z", **of, role="user", message_length=9),
        event("session.message", 3, "2026-10-15T10:02:00Z", **of, role="ai", message_length=9),
        event("ticket.created", 4, "2026-10-15T10:03:00Z", **of, **ticket),
        event("agent.login", number, "2026-10-15T09:00:00Z", agent_id=f"agent-of-{name}", agent_name="n"),
    ]


def built_anew(warehouse: Retained) -> Rows:
    with warehouse.copy("built_anew") as copy:
        copy.build(AS_OF, "--full-refresh")
        return copy.models()


@pytest.mark.long
def test_a_retry_of_a_build_that_failed_leaves_no_hole(warehouse, run_dbt):
    warehouse.load("first", session("first", 1), DAY)
    assert run_dbt(warehouse.url, *MODELS).returncode == 0
    warehouse.load("second", session("second", 2), DAY)
    warehouse.ask("alter table intermediate.int_sessions_bounded add constraint closed check (false) not valid")
    failed = run_dbt(warehouse.url, *MODELS)
    assert failed.returncode == 1
    assert "int_sessions_bounded" in failed.stdout
    warehouse.ask("alter table intermediate.int_sessions_bounded drop constraint closed")
    anew = built_anew(warehouse)
    assert differences(warehouse.models(), anew)
    retried = run_dbt(warehouse.url, "retry")
    assert retried.returncode == 0, retried.stdout
    assert differences(warehouse.models(), anew) == []
    warehouse.load("third", session("third", 3), DAY)
    built = run_dbt(warehouse.url, *MODELS)
    assert built.returncode == 0, built.stdout
    assert differences(warehouse.models(), built_anew(warehouse)) == []
