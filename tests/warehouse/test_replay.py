"""Conversations page by page, and what happened in one of them, step by step."""

import csv
import io
import re
import subprocess
import sys

import psycopg
import pytest

from tests.conftest import ROOT

ANALYSES = ROOT / "dbt_project" / "analyses"
#: Events that are a step; a use of tokens is none, and a call of a workflow is one.
STEPS = (
    "select event_id from staging.base_events where session_id is not null and is_known_event"
    " and split_part(event, '.', 1) in ('session', 'query', 'api', 'ai', 'agent') and event != 'ai.token_usage'"
)


@pytest.fixture(scope="module")
def analyse(warehouse, server):
    """What psql prints for a query of the documentation, run as the docs say, by whoever may read marts alone."""

    def output(name: str, *options: str, **values: object) -> str:
        result = subprocess.run(
            [sys.executable, "-m", "loader", "db", "psql", "--role", "reader", "-X", "-q", *options]
            + [argument for key, value in values.items() for argument in ("-v", f"{key}={value}")]
            + ["-f", ANALYSES / f"{name}.sql"],
            env=server.environment | {"DATABASE_URL": warehouse.url},
            check=False,
            capture_output=True,
            text=True,
        )
        assert (result.returncode, result.stderr) == (0, "")
        return result.stdout

    return output


def test_pages_by_key_show_every_conversation_once_and_the_newest_first(warehouse, analyse):
    expected = warehouse.ask(
        "select session_id from marts.fct_sessions where tenant_id = 'default'"
        " order by started_at desc, session_id desc"
    )
    shown, behind = [], {}
    while page := page_behind(analyse, **behind):
        shown += [(row["session_id"],) for row in page]
        behind = {"after_started_at": page[-1]["started_at"], "after_session_id": page[-1]["session_id"]}
    assert shown == expected
    assert len(expected) > 3 * 50


def test_a_page_is_read_from_the_index_in_its_order(warehouse):
    query = re.sub(r"(?m)^(--|\\).*\n", "", (ANALYSES / "conversations_page.sql").read_text())
    key = {"tenant": "'default'", "after_started_at": "'2026-10-05Z'", "after_session_id": "'s'"}
    for name, value in key.items():
        query = query.replace(f":'{name}'", value)
    page, rows = explained(warehouse, query.replace(":size", "50")).split("Subquery Scan on conversations")
    [(scan, condition)] = scans(page)
    assert scan.startswith("Index Only Scan Backward using")
    assert "(ROW(started_at, session_id) < ROW('2026-10-05" in condition
    assert not re.search(r"Limit *\n +->  Sort", page)
    # Its rows are looked up one by one, and so are the two lists of names in each.
    assert all("session_id = " in condition for _, condition in scans(rows))
    assert len(scans(rows)) == 3


def test_the_replay_of_one_session_asks_every_scan_of_lines_for_it(warehouse):
    """Whether by the index of sessions or, where there are a handful in all, by that of events is the planner's."""
    query = "select * from marts.replay_steps where tenant_id = 'default' and session_id = 's'"
    parts = explained(warehouse, query).split("->")
    scanned = [part for part in parts if re.search(r"Scan.* on base_event_lines", part)]
    assert [part for part in scanned if "(session_id = 's'::text)" not in part] == []
    assert len(scanned) > 20


def test_each_event_of_a_session_is_one_step(warehouse):
    steps = warehouse.ask("select event_id from marts.replay_steps order by event_id")
    assert steps == warehouse.ask(f"{STEPS} order by event_id")


def test_steps_are_numbered_in_the_one_order_of_events(warehouse):
    numbers = warehouse.ask(
        "select step_number, row_number() over (partition by tenant_id, session_id"
        " order by occurred_at, emitter_id nulls last, seq nulls last, event_id)"
        " from marts.replay_steps inner join staging.base_events using (tenant_id, session_id, event_id, occurred_at)"
    )
    assert len(numbers) > 1000
    assert [pair for pair in numbers if pair[0] != pair[1]] == []


def test_running_cost_never_falls_and_ends_at_most_at_that_of_the_conversation(warehouse):
    ends = warehouse.ask(
        "select max(running_ai_cost_amount), max(ai_cost_amount), bool_and(is_rising) from ("
        "  select *, running_ai_cost_amount >= lag(running_ai_cost_amount, 1, 0.0) over"
        "    (partition by tenant_id, session_id order by step_number) as is_rising from marts.replay_steps"
        ") as steps inner join marts.conversations using (tenant_id, session_id) group by tenant_id, session_id"
    )
    assert [end for end in ends if not (end[0] <= end[1] and end[2])] == []
    # Few tokens are logged behind the last step.
    assert sum(end[0] == end[1] for end in ends) > 0.9 * len(ends) > 100


def test_a_transcript_reads_from_top_to_bottom(warehouse, analyse):
    [(session, steps)] = warehouse.ask(
        "select session_id, count(*) from marts.replay_steps where tenant_id = 'default' group by session_id"
        " having count(*) filter (where step_type = 'takeover') > 0 order by session_id limit 1"
    )
    rows = list(csv.reader(io.StringIO(analyse("transcript", "--csv", tenant="default", session=session))))
    assert rows[0] == ["#", "Clock 时间", "After 间隔", "Who 谁", "What 内容", "Held by 负责人", "Spent 费用"]
    assert [row[0] for row in rows[1:]] == [str(number + 1) for number in range(steps)]
    [takeover] = [row for row in rows if row[4] == "takeover"][:1]
    assert takeover[3] == takeover[5] != ""
    assert rows[1][4].startswith("session start: ")
    assert re.fullmatch(r"user message \(\d+ characters\)", rows[2][4])


def page_behind(analyse, **key: str) -> list[dict[str, str]]:
    output = analyse("conversations_page", "--csv", tenant="default", size=50, **key)
    return list(csv.DictReader(io.StringIO(output)))


def explained(warehouse, query: str) -> str:
    """The plan of a query on tables that are too small for the planner to want indexes."""
    with psycopg.connect(warehouse.url) as connection:
        for switch in ("enable_seqscan", "enable_bitmapscan"):
            connection.execute(f"set {switch} = off")
        return "\n".join(line for (line,) in connection.execute(f"explain (costs off) {query}").fetchall())


def scans(plan: str) -> list[tuple[str, str]]:
    """The scans of tables in a plan, each with the condition by which it goes through an index, or nothing."""
    return re.findall(r"((?:Index|Index Only|Seq) Scan .*)\n(?: +(Index Cond: .*))?", plan)
