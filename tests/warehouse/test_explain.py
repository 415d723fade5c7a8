"""Every figure of the business case leads to its sessions and tickets, and these to their lines in the files."""

import csv
import gzip
import io
import json
import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXPLAIN_FIGURE = ROOT / "dbt_project/analyses/explain_figure.sql"
COLUMNS = (
    "select column_name from information_schema.columns"
    " where (table_schema, table_name) = ('marts', 'business_case_monthly')"
)


@pytest.fixture(scope="module")
def explain(warehouse, server):
    """The rows of one of the two queries, run as the docs say."""

    def rows(name: str, *, is_refused: bool = False, **values: str) -> list[dict[str, str]] | str:
        result = subprocess.run(
            [sys.executable, "-m", "loader", "db", "psql", "--role", "transformer", "-X", "-q", "--csv"]
            + [argument for name, value in values.items() for argument in ("-v", f"{name}={value}")]
            + ["-f", ROOT / "dbt_project" / "analyses" / f"{name}.sql"],
            env=server.environment | {"DATABASE_URL": warehouse.url},
            check=False,
            capture_output=True,
            text=True,
        )
        if is_refused:
            assert (result.returncode, result.stdout) == (3, "")
            return result.stderr
        assert (result.returncode, result.stderr) == (0, "")
        return list(csv.DictReader(io.StringIO(result.stdout)))

    return rows


def test_every_figure_of_the_business_case_is_the_sum_of_what_it_leads_to(warehouse, explain):
    figures = warehouse.ask("select tenant_id, month::text, metric, figure from marts.business_case_figures_monthly")
    assert len({metric for _, _, metric, _ in figures}) == 13
    for tenant, month, metric, figure in figures:
        rows = explain("explain_figure", tenant=tenant, month=month, metric=metric)
        numerator = sum(Decimal(row["numerator"]) for row in rows if row["numerator"])
        parts = [Decimal(row["denominator"]) for row in rows if row["denominator"]]
        told = numerator / sum(parts) if sum(parts) else numerator
        assert abs(told - (figure or 0)) < Decimal("0.000001"), (tenant, month, metric)
        assert len({(row["session_id"], row["ticket_id"]) for row in rows}) == len(rows)


def test_a_figure_may_be_asked_for_by_its_column_and_by_no_other_name(warehouse, explain):
    columns = {
        metric: column
        for metric, column in re.findall(r"^    \('(\w+)', '(\w+)'\),?$", EXPLAIN_FIGURE.read_text(), re.MULTILINE)
        if metric != column
    }
    [month] = warehouse.ask("select tenant_id, month::text from marts.business_case_monthly order by 2, 1 limit 1")
    known = {name for (name,) in warehouse.ask(COLUMNS)}
    assert set(columns.values()) <= known
    where = dict(zip(("tenant", "month"), month, strict=True))
    metric, column = "avg_handle_time", columns["avg_handle_time"]
    assert explain("explain_figure", metric=column, **where) == explain("explain_figure", metric=metric, **where) != []
    message = explain("explain_figure", metric="sla", is_refused=True, **where)
    assert "No figure of the business case is called sla" in message
    assert "Ask for a metric of marts.business_case_figures_monthly or a column of" in message


def test_a_session_leads_to_its_lines_in_the_files_and_to_the_evidence(warehouse, explain):
    sessions = warehouse.ask(
        "select distinct on (outcome) tenant_id, session_id, outcome_evidence_event_id from marts.fct_sessions"
        " order by outcome, session_id"
    )
    assert len(sessions) > 5
    for tenant, session, evidence in sessions:
        rows = explain("explain_session", tenant=tenant, id=session)
        lines = [json.loads(line_of(Path(row["path"]), int(row["line_number"]))) for row in rows]
        assert {line["session_id"] for line in lines} == {session}
        assert [line["event_id"] for line, row in zip(lines, rows, strict=True) if row["is_evidence"] == "t"] == [
            evidence
        ]


def test_a_ticket_leads_to_its_lines_in_the_files(warehouse, explain):
    [(tenant, ticket)] = warehouse.ask("select tenant_id, ticket_id from marts.fct_tickets order by 2 limit 1")
    rows = explain("explain_session", tenant=tenant, id=ticket)
    lines = [json.loads(line_of(Path(row["path"]), int(row["line_number"]))) for row in rows]
    assert {line["ticket_id"] for line in lines} == {ticket}
    assert "ticket.created" in {line["event"] for line in lines}


def test_a_breached_ticket_leads_to_the_stretch_that_broke_its_promise_and_to_the_lines(warehouse, explain):
    clocks = warehouse.ask(
        "select tenant_id, ticket_id, metric || ' ' || application_number, elapsed_business_seconds,"
        " breached_at from marts.fct_ticket_sla order by breached_at, ticket_id"
    )
    assert clocks[0][4] is not None
    for tenant, ticket, clock, elapsed, breached_at in clocks[:10]:
        rows = [row for row in explain("explain_ticket", tenant=tenant, ticket=ticket) if row["clock"] == clock]
        assert Decimal(rows[-1]["elapsed_seconds"]) == elapsed
        broken = [row for row in rows if row["breached_at"]]
        assert len(broken) == (breached_at is not None)
        for row in broken:
            assert Decimal(row["elapsed_seconds"]) > Decimal(row["target_seconds"])
        for row in rows:
            line = json.loads(line_of(Path(row["path"]), int(row["line_number"])))
            assert line["ticket_id"] == ticket


def line_of(path: Path, number: int) -> str:
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as file:
        return file.read().split("\n")[number - 1]
