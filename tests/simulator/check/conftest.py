"""Tiny marts in a real database, and tiny truth tables beside them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
import yaml

from simulator.check.marts import MARTS

ROOT = Path(__file__).resolve().parents[3]
TENANTS = "create table marts.dim_tenants (tenant_id text, timezone text, currency text, is_configured boolean)"
SHIFTS = """create table marts.fct_agent_shifts (
    login_event_id text, logout_event_id text, tenant_id text, agent_id text, shift_date date, started_at timestamptz,
    ended_at timestamptz, end_source text, duration_seconds numeric(18, 6), reported_work_minutes double precision,
    reported_sessions_handled_count bigint)"""
SHIFT_COLUMNS = (
    "login_event_id,logout_event_id,tenant_id,agent_id,shift_date,started_at,ended_at,end_source,duration_seconds,"
    "reported_work_minutes,reported_sessions_handled_count"
)
SHIFT = (
    "e1,e2,default,a-01,2026-10-05,2026-10-05T01:00:00.000001Z,2026-10-05T10:00:00.000000Z,logout,32399.999999,540.1,12"
)
FILES = """create table marts.ingest_reconciliation (source_file_id bigint, path text, last_read_at timestamptz,
    inherited_lines_count bigint, read_lines_count bigint, loaded_lines_count bigint, incomplete_lines_count bigint,
    duplicate_lines_count bigint, pending_lines_count bigint, rejected_lines_count bigint)"""
FILE_COUNTS = (
    "inherited_lines_count,read_lines_count,loaded_lines_count,incomplete_lines_count,duplicate_lines_count,"
    "pending_lines_count,rejected_lines_count"
)


@pytest.fixture
def warehouse(database):
    """``warehouse(*statements)`` runs statements as the owner."""

    def run(*statements: str) -> None:
        with psycopg.connect(database, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)
            connection.execute("grant select on all tables in schema marts to reader")

    return run


@pytest.fixture
def world(tmp_path):
    """``world(mart=lines, …)`` is a folder with those truth tables; each line ends by itself."""

    def make(**tables: list[str]) -> Path:
        for name, lines in tables.items():
            path = tmp_path / "world" / "truth" / f"{name}.csv"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        (tmp_path / "world" / "simulation.json").write_text(json.dumps({"as_of": "2026-11-01T00:00:00+08:00"}))
        return tmp_path / "world"

    return make


@pytest.fixture
def check(database):
    """``check(*arguments)`` runs the command on the database."""

    def run(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "simulator", "check", *map(str, arguments)],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "DATABASE_URL": database} | environment,
        )

    return run


def differences(result: subprocess.CompletedProcess[str]) -> list[str]:
    """The report without the head and the sums, blanks trimmed."""
    return [line.strip() for line in result.stdout.splitlines() if line.startswith("    ")]


def marts_of_dbt() -> dict[str, str]:
    """Names and column definitions of all marts that have properties."""
    properties = [yaml.safe_load(path.read_text()) for path in (ROOT / "models" / "marts").rglob("*__models.yml")]
    return {
        model["name"]: ", ".join(f"{column['name']} {column['data_type']}" for column in model["columns"])
        for content in properties
        for model in content["models"]
    }


def everything(warehouse) -> dict[str, list[str]]:
    """All marts without rows in the database, and their truth without rows."""
    warehouse(*(f"create table marts.{name} ({columns})" for name, columns in marts_of_dbt().items()))
    return {mart.name: [] for mart in MARTS}
