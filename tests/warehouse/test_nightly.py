"""The nightly selector: what it builds, when it is refused; and one build at a time."""

import re
import time
from pathlib import Path

import psycopg
import yaml

from tests.conftest import ROOT
from tests.warehouse.dbt_forks import MODELS
from tests.warehouse.orderly import BOOKKEEPING_TABLES
from tests.warehouse.retained import event

NIGHTLY = ("build", "--selector", "nightly")
# A whole build: nothing is selected. The data tests run in the builds of other tests.


def test_a_night_builds_every_table_and_tests_the_marts_alone(warehouse, fork_dbt):
    listed = fork_dbt(warehouse.url, "ls", "--selector", "nightly", "--output", "path")
    assert listed.returncode == 0, listed.stdout
    paths = set(listed.stdout.split())
    built = {Path(path).stem for path in paths if path.endswith(".sql")}
    tables = warehouse.ask("select tablename from pg_tables where schemaname in ('staging', 'intermediate', 'marts')")
    singular = {path.stem for path in (ROOT / "dbt_project" / "tests").rglob("*.sql")}
    assert {name for (name,) in tables} - set(BOOKKEEPING_TABLES) == built - singular
    # It joins three whole facts, whatever has arrived.
    assert "sla_segments_make_their_clocks_and_tickets" not in built
    tested = {path for path in paths if path.endswith(".yml")}
    assert tested
    assert all(path.startswith("models/marts/") for path in tested)


def test_no_view_holds_the_now_of_the_build_that_made_it(warehouse):
    views = warehouse.ask(
        "select viewname, definition from pg_views where schemaname in ('staging', 'intermediate', 'marts')"
    )
    assert len(views) > 50
    assert not [name for name, definition in views if re.search(r"'20\d\d-\d\d-\d\d[^']*'::timestamp", definition)]


def test_a_night_before_a_whole_build_is_refused(database, fork_dbt):
    refused = fork_dbt(database, *NIGHTLY)
    assert refused.returncode != 0
    assert "Run dbt build without a selector once" in refused.stdout, refused.stdout


def test_a_night_after_a_whole_build_that_failed_is_refused(built_database, fork_dbt):
    with psycopg.connect(built_database, autocommit=True) as connection:
        connection.execute("alter table raw.dead_letters rename to gone")
        # Else it would stay as it is.
        connection.execute("drop view staging.stg_pipeline__dead_letters")
        assert fork_dbt(built_database, *MODELS).returncode != 0
        connection.execute("alter table raw.gone rename to dead_letters")
    assert "Run dbt build without a selector once" in fork_dbt(built_database, *NIGHTLY).stdout


def test_a_second_whole_build_leaves_views_as_they_are_and_makes_those_that_are_missing(built_database, fork_dbt):
    views = "select relname, oid from pg_class where relkind = 'v' and relnamespace = 'staging'::regnamespace"
    with psycopg.connect(built_database, autocommit=True) as connection:
        before = dict(connection.execute(views).fetchall())
        gone = ["stg_pipeline__loads"]
        connection.execute("drop view staging.stg_pipeline__loads cascade")
        assert fork_dbt(built_database, *MODELS).returncode == 0
        after = dict(connection.execute(views).fetchall())
    assert after.keys() == before.keys()
    assert [name for name in before if after[name] != before[name]] == gone


def test_the_freshness_of_loads_is_looked_at(database, fork_dbt):
    asked = fork_dbt(database, "ls", "--resource-type", "source", "--output", "name")
    assert "raw.loads" in asked.stdout.split()


def test_a_build_of_some_models_moves_no_mark_and_closes_the_night(built_database, fork_dbt):
    marks = "select model, build_id from staging.build_marks order by 1"
    with psycopg.connect(built_database, autocommit=True) as connection:
        before = connection.execute(marks).fetchall()
        assert fork_dbt(built_database, "run", "--select", "fct_sessions").returncode == 0
        assert connection.execute(marks).fetchall() == before
    assert "Run dbt build without a selector once" in fork_dbt(built_database, *NIGHTLY).stdout


def test_a_model_of_which_no_key_was_touched_has_nothing_to_do(built_database, fork_dbt, run_loader, tmp_path):
    marks = "select distinct build_id = (select max(build_id) from staging.builds) from staging.build_marks"
    with psycopg.connect(built_database, autocommit=True) as connection:
        connection.execute(
            "create function seen() returns trigger language plpgsql as $$ begin raise 'has been seen at work'; end $$;"
            " create trigger seen before delete on marts.fct_sessions execute function seen()"
        )
        assert fork_dbt(built_database, *NIGHTLY).returncode == 0
        assert connection.execute(marks).fetchall() == [(True,)]
        (tmp_path / "chat.jsonl").write_bytes(
            event("session.start", 1, "2026-10-01T10:00:00Z", session_id="s", channel="web") + b"\n"
        )
        assert run_loader("ingest", tmp_path, env={"DATABASE_URL": built_database}).returncode == 0
        assert "has been seen at work" in fork_dbt(built_database, *NIGHTLY).stdout


def test_a_night_tests_what_was_written_since_its_tests_have_passed(built_database, fork_dbt, run_loader, tmp_path):
    mark = "select build_id from staging.build_marks where model like 'data_tests_%'"
    with psycopg.connect(built_database, autocommit=True) as connection:
        # It was built without tests.
        assert connection.execute(mark).fetchall() == []
        assert fork_dbt(built_database, *NIGHTLY).returncode == 0
        [(tested,)] = connection.execute(mark).fetchall()
        connection.execute(
            "create function worsen() returns trigger language plpgsql as"
            " $$ begin new.duration_seconds = -1; return new; end $$;"
            " create trigger worsen before insert on marts.fct_sessions for each row execute function worsen()"
        )
        line = event("session.start", 1, "2026-10-01T10:00:00Z", session_id="s", channel="web")
        (tmp_path / "chat.jsonl").write_bytes(line + b"\n")
        assert run_loader("ingest", tmp_path, env={"DATABASE_URL": built_database}).returncode == 0
        assert "is_true_fct_sessions" in fork_dbt(built_database, *NIGHTLY).stdout
        connection.execute("drop trigger worsen on marts.fct_sessions")
        # Nothing has come since, and the row is as wrong as it was.
        assert fork_dbt(built_database, *NIGHTLY).returncode != 0
        assert connection.execute(mark).fetchall() == [(tested,)]
        connection.execute("update marts.fct_sessions set duration_seconds = 0 where session_id = 's'")
        assert fork_dbt(built_database, *NIGHTLY).returncode == 0
        # Nights look at no row again that a night has found to be right.
        connection.execute("update marts.fct_sessions set duration_seconds = -1 where session_id = 's'")
        assert fork_dbt(built_database, *NIGHTLY).returncode == 0
        assert fork_dbt(built_database, "test", "--select", "fct_sessions").returncode != 0
        # Their mark has a name of what they ask; edited tests have none.
        connection.execute(mark.replace("select build_id from", "delete from"))
        assert "is_true_fct_sessions" in fork_dbt(built_database, *NIGHTLY).stdout


def test_a_night_whose_zones_tell_another_time_is_refused(built_database, fork_dbt):
    with psycopg.connect(built_database, autocommit=True) as connection:
        # As another tz database of the server would: the same calendars, an hour earlier.
        connection.execute("update seeds.business_calendars set timezone = 'Asia/Tokyo'")
    assert "Run dbt build without a selector once" in fork_dbt(built_database, *NIGHTLY).stdout


def test_a_build_on_parameters_that_are_not_loaded_is_refused(database, fork_dbt):
    refused = fork_dbt(database, "run")
    assert refused.returncode != 0
    assert "Not loaded as they are now: " in refused.stdout
    assert "model_prices" in refused.stdout


def test_a_build_that_would_empty_the_models_is_refused(database, fork_dbt):
    refused = fork_dbt(database, "build", "--empty")
    assert refused.returncode != 0
    assert "--empty would empty what is built" in refused.stdout


def test_a_second_build_at_the_same_time_is_refused(built_database, forks):
    with psycopg.connect(built_database) as connection:
        # The first build waits for this table.
        connection.execute("lock table marts.ai_resolution_monthly in access exclusive mode")
        first = forks.start(built_database, *MODELS, place="first")
        with psycopg.connect(built_database, autocommit=True) as watcher:
            deadline = time.monotonic() + 120
            while not watcher.execute("select pg_sleep(0.1) from pg_locks where not granted").fetchone():
                assert time.monotonic() < deadline
            # However long it takes.
            watcher.execute("update staging.builds set begun_at = begun_at - interval '1 day'")
        second = forks.run(built_database, "run", "--select", "ai_resolution_monthly", place="second")
        connection.rollback()
        waited = forks.wait(first)
        assert waited.code == 0, waited.output
    assert second.code != 0
    assert "Another build of this database is at work" in second.output


def test_every_variable_is_in_the_hash_of_the_rules_but_those_of_a_single_build():
    names = set(yaml.safe_load((ROOT / "dbt_project.yml").read_text())["vars"])
    text = (ROOT / "dbt_project" / "macros" / "marks.sql").read_text()
    hashed = {name for name in names if f"var('{name}')" in text}
    assert names - hashed == {"as_of", "silent_build_seconds", "lose_history"}
