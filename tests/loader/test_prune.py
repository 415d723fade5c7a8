"""Pruning raw: what is old, built and nobody's business any more goes at once, and every line stays accounted for."""

import json
import re
from datetime import date, timedelta

import psycopg
import pytest

from loader.connection import connect
from loader.errors import DatabaseError, PruneError
from loader.prune import Pruned, prune
from tests.conftest import LoaderCommand, parsed
from tests.loader.conftest import CUTOFF, OLD, TODAY, Ask, cutoff_now, unaccounted


def pruned(database: str, cutoff: date = CUTOFF, *, dry_run: bool = False) -> Pruned | None:
    with connect(parsed(database)) as link:
        return prune(link, cutoff, dry_run=dry_run, lock_timeout_ms=100)


def state(ask: Ask) -> list[tuple[object, ...]]:
    return ask(
        "select (select count(*) from raw.events), (select count(*) from raw.dead_letters),"
        " (select count(*) from raw.prunings), to_regclass(%s) is not null",
        f"raw.events_{OLD:%Y%m%d}",
    )


@pytest.mark.usefixtures("old_load", "is_built")
def test_old_days_and_dead_letters_go_and_are_counted_per_file(database: str, ask: Ask) -> None:
    assert pruned(database) == Pruned(CUTOFF, 1, 10, 1)
    assert state(ask) == [(5, 0, 1, False)]
    assert ask("select events_count, dead_letters_count from raw.pruned_lines") == [(10, 1)]
    assert unaccounted(ask) == []


@pytest.mark.usefixtures("old_load", "is_built")
def test_pruning_twice_prunes_once(database: str, ask: Ask) -> None:
    assert pruned(database) is not None
    assert pruned(database) is None
    assert pruned(database, CUTOFF - timedelta(days=5)) is None
    assert state(ask) == [(5, 0, 1, False)]


@pytest.mark.usefixtures("old_load", "is_built")
def test_a_dry_run_counts_and_drops_nothing(database: str, ask: Ask) -> None:
    assert pruned(database, dry_run=True) == Pruned(CUTOFF, 1, 10, 1)
    assert state(ask) == [(15, 1, 0, True)]


@pytest.mark.usefixtures("old_load", "is_built")
def test_loads_that_are_not_built_are_kept(database: str, ask: Ask) -> None:
    with pytest.raises(
        PruneError, match=r"^1 loads from before \S+ are not built yet, the first is 2\n  next: run: dbt"
    ):
        pruned(database, TODAY + timedelta(days=2))
    assert state(ask) == [(15, 1, 0, True)]


@pytest.mark.usefixtures("old_load")
def test_without_a_warehouse_nothing_is_pruned(database: str, ask: Ask) -> None:
    with pytest.raises(
        PruneError, match=r"^the warehouse is not built, or by an older version\n  next: run: dbt build$"
    ):
        pruned(database)
    assert state(ask) == [(15, 1, 0, True)]


@pytest.mark.usefixtures("old_load", "is_built")
def test_what_is_being_read_is_not_dropped(database: str, ask: Ask) -> None:
    with psycopg.connect(database) as reader:
        reader.execute("select count(*) from raw.events")
        with pytest.raises(PruneError, match=r"^raw\.events is being read"):
            pruned(database)
    assert state(ask) == [(15, 1, 0, True)]


@pytest.mark.usefixtures("old_load", "is_built")
def test_a_pruning_that_breaks_off_prunes_nothing(database: str, ask: Ask) -> None:
    # The last statement of the transaction fails.
    with psycopg.connect(database) as connection:
        connection.execute(f"create view raw.mine as select * from raw.events_{OLD:%Y%m%d}")  # a name of this test
    with pytest.raises(PruneError, match=r"^view raw\.mine depends on table raw\.events_\d+\n  next: "):
        pruned(database)
    assert state(ask) == [(15, 1, 0, True)]
    assert unaccounted(ask) == []


@pytest.mark.usefixtures("old_load", "is_built")
def test_no_loader_and_no_other_role_prunes(database: str) -> None:
    with (
        connect(parsed(database) | {"options": "-c role=loader"}) as link,
        pytest.raises(DatabaseError, match="connect as the database's owner"),
    ):
        prune(link, CUTOFF)


@pytest.mark.usefixtures("old_load", "is_built")
def test_the_command_says_what_it_did_and_what_is_next(run_loader: LoaderCommand) -> None:
    cutoff = cutoff_now()
    counted = f"1 days of raw.events from before {cutoff}: 10 lines, and 1 dead letters\n"
    tried = run_loader("prune", "--older-than", "90d", "--dry-run")
    assert (tried.returncode, tried.stdout, tried.stderr) == (0, "", f"would prune {counted}")
    done = run_loader("prune", "--older-than", "90d", "--json")
    assert done.stderr == f"pruned {counted}  next: dbt build, which prunes the warehouse\n"
    assert json.loads(done.stdout) == {"cutoff": f"{cutoff}", "partitions": 1, "events": 10, "dead_letters": 1}
    again = run_loader("prune", "--older-than", "90d")
    assert (again.returncode, again.stdout, again.stderr) == (0, "", f"there is nothing from before {cutoff}\n")


@pytest.mark.usefixtures("old_load")
def test_a_refused_pruning_exits_with_4(run_loader: LoaderCommand) -> None:
    done = run_loader("prune", "--older-than", "90d")
    assert (done.returncode, done.stdout) == (4, "")
    assert done.stderr.endswith("next: run: dbt build\n")


@pytest.mark.parametrize("age", ["90", "0d", "-1d", "3months", ""])
def test_an_age_that_is_none_is_refused(run_loader: LoaderCommand, age: str) -> None:
    done = run_loader("prune", "--older-than", age)
    assert done.returncode == 2
    assert re.search("is no number of days such as 90d", done.stderr)
