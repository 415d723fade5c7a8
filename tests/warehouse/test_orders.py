"""Incremental equals full refresh: whatever the order of arrival, every row of every model is the same."""

import os
import shutil
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from loader.aliases import read_aliases
from loader.parsing import Parser
from tests.conftest import ROOT
from tests.warehouse.arrivals import MAX_LOADS, Order, orders
from tests.warehouse.orderly import Stage, Tally

LONG_ORDERS = int(os.environ.get("PROOF_ORDERS", "200"))
REPORT = ROOT / "docs" / "order-proof.md"
# The same orders every time. An order that fails is not made smaller: each attempt takes half a minute.
FIXED = settings(
    derandomize=True, database=None, phases=[Phase.generate], deadline=None, suppress_health_check=list(HealthCheck)
)
StageOf = Callable[..., AbstractContextManager[Stage]]


@pytest.fixture(scope="module")
def stage_of(forks_with, new_database, tmp_path_factory) -> StageOf:
    """``with stage_of(project) as stage:`` is a stage for the models of a project folder; others of it have numbers."""

    @contextmanager
    def make(project: Path, number: int = 0) -> Iterator[Stage]:
        dbt = forks_with(project, number)
        with new_database() as template:
            seeded = dbt.run(template, "seed")
            assert seeded.code == 0, seeded.output
            today = datetime.now(UTC).date()
            with psycopg.connect(template) as connection:
                # Else a load that is held back would hold back all that need a partition.
                for day in (today, today + timedelta(days=1)):
                    connection.execute("select raw.ensure_partition(%s)", [day])
            aliases = read_aliases(ROOT / "seeds" / "contract" / "event_aliases.csv")
            yield Stage(template, dbt, Parser(aliases), tmp_path_factory.mktemp("stage"))

    return make


@pytest.fixture(scope="module")
def stage(stage_of) -> Iterator[Stage]:
    with stage_of(ROOT) as made:
        yield made


def test_any_order_of_arrival_gives_the_rows_of_a_full_refresh(stage, told):
    @settings(FIXED, max_examples=2)
    @given(orders(told[0], st.sampled_from([3, 2])))
    def same_rows(order: Order) -> None:
        assert_same(stage, order)

    same_rows()


@pytest.mark.long
def test_two_hundred_orders_of_arrival_give_the_rows_of_a_full_refresh(stage_of, told):
    waiting: deque[Order] = deque()

    @settings(FIXED, max_examples=LONG_ORDERS)
    @given(orders(told[0], st.sampled_from([1, 2, 2, 3, 3, 4, 5, MAX_LOADS])))
    def drawn(order: Order) -> None:
        waiting.append(order)

    drawn()
    assert len(waiting) >= LONG_ORDERS
    began = time.monotonic()
    with ExitStack() as stack:
        stages = [stack.enter_context(stage_of(ROOT, number)) for number in range(os.cpu_count() or 1)]
        players = stack.enter_context(ThreadPoolExecutor(len(stages)))
        list(players.map(play, stages, [waiting] * len(stages)))
    tally = sum((stage.tally for stage in stages), Tally())
    report = report_of(tally, time.monotonic() - began)
    print(report)
    # A model without rows would be equal to anything.
    assert tally.empty == []
    tried = ("held_loads", "nightly_builds", "past_builds", "killed_builds", "failed_builds")
    assert [what for what in tried if not tally.numbers[what]] == []
    if LONG_ORDERS >= 200:
        REPORT.write_text(report, encoding="utf-8")


def play(stage: Stage, waiting: deque[Order]) -> None:
    """All orders that no other stage takes first; none is left where one has failed."""
    while True:
        try:
            order = waiting.popleft()
        except IndexError:
            return
        try:
            assert_same(stage, order)
        except BaseException:
            waiting.clear()
            raise


WRONG = {
    "outcomes_of_new_sessions": """
        {{ config(materialized='incremental', incremental_strategy='append') }}
        select tenant_id, session_id, outcome, ended_at from {{ ref('fct_sessions') }}
        {% if is_incremental() %}
            where (tenant_id, session_id) not in (select tenant_id, session_id from {{ this }})
        {% endif %}
    """,
    "lines_after_the_highest_load": """
        {{ config(materialized='incremental', incremental_strategy='append') }}
        select event_id, load_id from {{ ref('base_event_lines') }}
        {% if is_incremental() %}
            where load_id > (select coalesce(max(load_id), 0) from {{ this }})
        {% endif %}
    """,
}


@pytest.mark.long
def test_models_that_are_wrongly_incremental_are_found_without_being_named(stage_of, told, tmp_path):
    project = tmp_path / "project"
    for part in ("models", "seeds", "dbt_project"):
        shutil.copytree(ROOT / part, project / part)
    for part in ("dbt_project.yml", "profiles.yml", "selectors.yml"):
        shutil.copy(ROOT / part, project / part)
    for name, text in WRONG.items():
        (project / "models" / "intermediate" / f"{name}.sql").write_text(text)
    found: list[str] = []

    def commits_out_of_order(order: Order) -> bool:
        return bool(order.held) and not any(build.failure for build in order.builds)

    with stage_of(project) as stage:

        @settings(FIXED, max_examples=1)
        @given(orders(told[0], st.just(2)).filter(commits_out_of_order))
        def played(order: Order) -> None:
            found.extend(stage.differences(order))

        played()
    assert {difference.split(":")[0] for difference in found} == {f"intermediate.{name}" for name in WRONG}


def assert_same(stage: Stage, order: Order) -> None:
    found = stage.differences(order)
    assert not found, f"{order!r}\n" + "\n".join(found)


def report_of(tally: Tally, seconds: float) -> str:
    numbers = tally.numbers
    rows = {
        "orders of arrival": numbers["orders"],
        "lines that arrived, repeated ones included": numbers["lines"],
        "loads": numbers["loads"],
        "loads that committed after later ones": numbers["held_loads"],
        "builds": numbers["builds"],
        "of these by the selector `nightly`": numbers["nightly_builds"],
        "of these with an earlier `as_of` than one before": numbers["past_builds"],
        "builds that were killed (SIGKILL)": numbers["killed_builds"],
        "builds that failed at a locked table": numbers["failed_builds"],
        "models compared after each order": len(tally.models),
        "models that had no row after any order": len(tally.empty),
        "rows compared": numbers["rows"],
        "differing rows": numbers["differences"],
        "seconds an order, as many at once as there are cores": round(seconds / numbers["orders"], 1),
    }
    table = "".join(f"| {name} | {number:,} |\n" for name, number in rows.items())
    return (
        "# Incremental equals full refresh: the last proof\n\n"
        "Written by `make test-long` (`tests/warehouse/test_orders.py`). The same events arrive in many orders:\n"
        "shuffled, backwards, weeks late, repeated, in 2 to 20 loads; builds come between the loads, and time goes on\n"
        "between the builds, or back. In the end every row of each model is compared with a full refresh of the same\n"
        "raw tables.\n"
        f"\n| | |\n|---|---:|\n{table}"
    )
