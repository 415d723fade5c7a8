"""dbt build as people run it: again, incrementally, from nothing, in the past."""

import json
from hashlib import sha256

import psycopg
import pytest

from tests.warehouse.dbt_forks import MODELS, WITHOUT_CASES


def rows_of_marts(url: str) -> dict[str, list[tuple]]:
    with psycopg.connect(url) as connection:
        # But for the history of builds.
        names = connection.execute(
            "select table_name from information_schema.tables"
            " where table_schema = 'marts' and table_name != 'mart_changes' order by 1"
        ).fetchall()
        return {
            name: connection.execute(
                # The number of the build is bookkeeping.
                psycopg.sql.SQL("select (to_jsonb(rows) - 'build_id')::text from {} as rows order by 1").format(
                    psycopg.sql.Identifier("marts", name)
                )
            ).fetchall()
            for (name,) in names
        }


def message(number: int, minute: int, **fields: object) -> str:
    return json.dumps(
        {
            "event_id": f"e{number}",
            "timestamp": f"2026-10-01T10:{minute:02}:00Z",
            "product": "ai_chatbot",
            "session_id": "s1",
        }
        | fields
    )


START = message(1, 0, event="session.start", channel="web")
QUESTION = message(2, 0, event="session.message", role="user", message_length=9)
ANSWER = message(3, 1, event="session.message", role="ai", message_length=9, response_time_ms=800)
HELPED = message(4, 2, event="session.feedback", helpful=True)


def test_an_empty_warehouse_builds(built_database):
    assert {name for name, rows in rows_of_marts(built_database).items() if rows} == {
        "dim_tenants",
        "realtime_overview",
    }


def test_autovacuum_spares_new_tables_until_the_build_ends(built_database, fork_dbt, run_loader, tmp_path):
    spared = (
        "select oid::regclass::text from pg_class"
        " where 'autovacuum_vacuum_insert_scale_factor=1' = any(reloptions) order by 1"
    )
    (tmp_path / "chat.jsonl").write_text(START + "\n")
    assert run_loader("ingest", tmp_path, env={"DATABASE_URL": built_database}).returncode == 0
    with psycopg.connect(built_database, autocommit=True) as connection:
        # What a command of the build sees while it goes on; and a table that a killed build has left.
        connection.execute(
            f"create table public.seen as {spared} with no data; grant insert on public.seen to public;"
            f" create function note() returns event_trigger language plpgsql as"
            f" $$ begin insert into public.seen {spared}; end $$;"
            " create event trigger noted on ddl_command_end when tag in ('ALTER TABLE') execute function note();"
            " alter table marts.fct_tickets set (autovacuum_vacuum_insert_scale_factor = 1);"
            " truncate public.seen"
        )
        built = fork_dbt(built_database, *MODELS, "--full-refresh", "--select", "base_event_lines+")
        assert built.returncode == 0, built.stdout
        seen = {name for (name,) in connection.execute("select distinct * from public.seen").fetchall()}
        assert seen >= {"staging.base_event_lines", "marts.fct_sessions"}
        assert connection.execute(spared).fetchall() == []


@pytest.mark.long
def test_increments_give_the_rows_of_a_full_refresh(database, fork_dbt, run_loader, tmp_path):
    log = tmp_path / "chat.jsonl"
    for lines in ([START, QUESTION], [QUESTION, ANSWER], [HELPED, START]):
        with log.open("a") as file:
            file.writelines(line + "\n" for line in lines)
        assert run_loader("ingest", log).returncode == 0
        built = fork_dbt(database, *MODELS)
        assert built.returncode == 0, built.stdout
    incremental = rows_of_marts(database)
    assert fork_dbt(database, *MODELS, "--full-refresh").returncode == 0
    assert rows_of_marts(database) == incremental
    with psycopg.connect(database) as connection:
        assert connection.execute(
            "select session_id, outcome, outcome_reason, user_turns_count, ai_turns_count from marts.fct_sessions"
        ).fetchall() == [("s1", "confirmed_resolved", "helpful", 1, 1)]
        assert connection.execute(
            "select read_lines_count, loaded_lines_count, duplicate_lines_count from marts.ingest_reconciliation"
        ).fetchall() == [(6, 4, 2)]


@pytest.mark.long
def test_a_load_that_commits_after_a_later_one_is_not_missed(built_database, fork_dbt):
    with psycopg.connect(built_database) as slow, psycopg.connect(built_database) as fast:
        slow.execute("select raw.ensure_partition('2026-10-01')")
        slow.commit()
        insert_event(slow, "session.start", "began-first", {"session_id": "began-first", "channel": "web"})
        insert_event(fast, "session.start", "committed-first", {"session_id": "committed-first", "channel": "web"})
        fast.commit()
        assert fork_dbt(built_database, *MODELS).returncode == 0
        slow.commit()
    assert fork_dbt(built_database, *MODELS).returncode == 0
    with psycopg.connect(built_database) as connection:
        assert connection.execute("select session_id from marts.fct_sessions order by 1").fetchall() == [
            ("began-first",),
            ("committed-first",),
        ]


def insert_event(connection: psycopg.Connection, event: str, event_id: str, payload: dict[str, object]) -> None:
    connection.execute("select raw.ensure_partition('2026-10-01')")
    connection.execute(
        """
        with file as (
            insert into raw.source_files
                (path, compression, head_bytes, head_hash, tail_chain_hash, content_hash,
                 bytes_consumed, lines_consumed)
            values (%(id)s, 'none', 0, '', '', '', 1, 1) returning source_file_id
        ),
        load as (
            insert into raw.loads
                (source_file_id, first_line, last_line, lines_read, lines_loaded, lines_rejected,
                 bytes_from, bytes_to, head_hash, content_hash, loader_version, loaded_at, loaded_on)
            select source_file_id, 1, 1, 1, 1, 0, 0, 1, '', '', 'test', '2026-10-01', '2026-10-01'
            from file returning load_id, source_file_id
        )
        insert into raw.events
            (event, event_id, occurred_at, product, tenant_id, schema_version, payload,
             load_id, source_file_id, line_number, loaded_on)
        select %(event)s, %(id)s, '2026-10-01T10:00:00Z', 'ai_chatbot', 'default', 1, %(payload)s,
               load_id, source_file_id, 1, '2026-10-01'
        from load
        """,
        {"event": event, "id": event_id, "payload": json.dumps(payload)},
    )


def test_a_name_that_is_learned_later_is_mapped_by_the_next_build(built_database, fork_dbt):
    query = {"session_id": "s1", "order_number": "1", "site": "cn", "success": True, "response_time_ms": 5}
    with psycopg.connect(built_database, autocommit=True) as connection:
        insert_event(connection, "order.lookup", "whole", query)
        insert_event(connection, "order.lookup", "without-success", query | {"success": None})
        of_marts = ("run", "--select", "+query_success_monthly", "+ingest_reconciliation")
        assert fork_dbt(built_database, *of_marts).returncode == 0
        assert connection.execute("select * from marts.query_success_monthly").fetchall() == []
        connection.execute("insert into seeds.event_aliases values ('order.lookup', 'query.order', null, null)")
        for more in ([], ["--full-refresh"]):
            assert fork_dbt(built_database, *of_marts, *more).returncode == 0
            assert connection.execute(
                "select order_queries_count, order_query_success_rate from marts.query_success_monthly"
            ).fetchall() == [(1, 1)]
            assert connection.execute(
                "select path, loaded_lines_count, incomplete_lines_count from marts.ingest_reconciliation order by 1"
            ).fetchall() == [("whole", 1, 0), ("without-success", 1, 1)]


def test_lines_that_no_build_has_taken_up_are_pending_and_not_duplicates(built_database, fork_dbt):
    with psycopg.connect(built_database, autocommit=True) as connection:
        insert_event(connection, "session.start", "late", {"session_id": "s1", "channel": "web"})
        counts = (
            "select loaded_lines_count, duplicate_lines_count, pending_lines_count from marts.ingest_reconciliation"
        )
        assert fork_dbt(built_database, "run", "--select", "ingest_reconciliation").returncode == 0
        assert connection.execute(counts).fetchall() == [(0, 0, 1)]
        assert fork_dbt(built_database, "run", "--select", "+ingest_reconciliation").returncode == 0
        assert connection.execute(counts).fetchall() == [(1, 0, 0)]


def test_a_past_report_is_rebuilt_with_as_of(built_database, fork_dbt, run_loader, tmp_path):
    (tmp_path / "chat.jsonl").write_text("".join(line + "\n" for line in (START, QUESTION, ANSWER, HELPED)))
    assert run_loader("ingest", tmp_path, env={"DATABASE_URL": built_database}).returncode == 0
    outcomes = []
    for as_of in ("2026-10-01T09:59:59Z", "2026-10-01T10:00:30Z", "2026-10-01T12:00:59Z", "2026-10-01T12:02:00Z"):
        built = fork_dbt(built_database, "run", "--select", "+fct_sessions", as_of=as_of)
        assert built.returncode == 0, built.stdout
        with psycopg.connect(built_database) as connection:
            outcomes += [
                connection.execute("select outcome, ai_turns_count from marts.fct_sessions").fetchall(),
            ]
    # Nothing had happened; asked and not answered; answered and helped; two hours after the last event.
    assert outcomes == [[], [("open", 0)], [("open", 1)], [("confirmed_resolved", 1)]]


def test_a_build_of_some_models_at_another_time_leaves_nothing_of_it(built_database, fork_dbt, run_loader, tmp_path):
    end = message(9, 5, event="session.end", duration_seconds=300, message_count=2, resolved_by="ai")
    (tmp_path / "chat.jsonl").write_text("".join(line + "\n" for line in (START, QUESTION, ANSWER, end)))
    assert run_loader("ingest", tmp_path, env={"DATABASE_URL": built_database}).returncode == 0
    mature = "select is_mature_24h from marts.fct_session_returns"
    with psycopg.connect(built_database, autocommit=True) as connection:
        for as_of, some, expected in (
            ("2026-10-01T12:00:00Z", [], False),
            ("2026-10-03T12:00:00Z", ["--select", "fct_session_returns"], True),
            ("2026-10-01T13:00:00Z", [], False),
            ("2026-10-02T10:01:00.000001Z", [], True),
            # Nor does one in the past.
            ("2026-10-01T12:00:00Z", ["--select", "fct_session_returns"], False),
            ("2026-10-02T10:02:00Z", [], True),
        ):
            assert fork_dbt(built_database, "run", *some, as_of=as_of).returncode == 0
            assert connection.execute(mature).fetchall() == [(expected,)], as_of


def test_a_build_of_some_models_by_other_rules_leaves_nothing_of_it(built_database, forks, run_loader, tmp_path):
    (tmp_path / "chat.jsonl").write_text(START + "\n")
    assert run_loader("ingest", tmp_path, env={"DATABASE_URL": built_database}).returncode == 0
    late = []
    for some, minutes in (([], 60), (["--select", "int_ingest_lags_measured_daily"], 10**7), ([], 60)):
        given = json.dumps({"as_of": "2026-10-01T13:00:00Z", "lateness_minutes": minutes})
        built = forks.run(built_database, "run", *some, "--vars", given)
        assert built.code == 0, built.output
        with psycopg.connect(built_database) as connection:
            late += connection.execute("select late_events_count from marts.ingest_lag_daily").fetchall()
    assert late == [(1,), (0,), (1,)]


def test_values_of_the_wrong_kind_in_unchecked_lines_do_not_fail_a_build(database, fork_dbt):
    """An event that was unknown when it was loaded has not been checked; the models see it once it is known."""
    lines = [
        ("session.message", {"session_id": "s1", "role": 5, "message_length": "long", "is_fallback": "maybe"}),
        ("session.rating", {"session_id": "s1", "score": 10**40}),
        ("session.end", {"session_id": "s1", "duration_seconds": [1], "message_count": 1.5, "resolved_by": "ai"}),
        ("session.end", {"duration_seconds": 1, "message_count": None}),
        ("quality.audit_created", {"audit_id": "a", "session_id": "s1", "score": {}, "issues": "none"}),
        # A page of text in place of an id, which no index takes; it cannot be compressed.
        ("lost.property", {"session_id": "".join(sha256(bytes([page])).hexdigest() for page in range(100))}),
        ("hub.thread_snoozed", {"thread_id": "t", "until": "2026-02-30T25:00:00+99:00"}),
    ]
    with psycopg.connect(database, autocommit=True) as connection:
        for number, (event, payload) in enumerate(lines):
            insert_event(connection, event, f"e{number}", payload)
        tiny = {"session_id": "s1", "message_count": 1, "resolved_by": "ai"}
        insert_event(connection, "session.end", "tiny", tiny)
        connection.execute(
            "update raw.events set payload = payload || '{\"duration_seconds\": 1e-999}' where event_id = 'tiny'"
        )
        built = fork_dbt(database, *WITHOUT_CASES)
        assert built.returncode == 0, built.stdout
        assert connection.execute(
            "select session_id, length(payload ->> 'session_id') from staging.base_events where event = 'lost.property'"
        ).fetchall() == [(None, 6400)]
        # What lacks a required field is counted, and nothing is built from it.
        assert connection.execute(
            "select path from marts.ingest_reconciliation where incomplete_lines_count = 1"
        ).fetchall() == [("e3",)]
        assert connection.execute("select score from staging.stg_ai_chatbot__session_ratings").fetchall() == [(None,)]
        assert connection.execute(
            "select snoozed_until_at from staging.stg_customer_hub__thread_snoozes"
        ).fetchall() == [(None,)]


def test_the_rules_give_what_their_cases_say(built_database, fork_dbt):
    tested = fork_dbt(built_database, "test", "--select", "test_type:unit")
    assert tested.returncode == 0, tested.stdout
