"""dbt and the loader use the same database, whatever way it is named."""

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

ROOT = Path(__file__).resolve().parents[2]
SHOW = ("show", "--inline", "select current_database() || ' ' || inet_server_port() as place", "--output", "json")


def run_dbt_show(environment: dict[str, str], folder: Path) -> subprocess.CompletedProcess[str]:
    """``dbt show`` with our profiles.yml, in a project without models, which is parsed in no time."""
    (folder / "dbt_project.yml").write_text("{name: nothing, config-version: 2, profile: support_warehouse}")
    return subprocess.run(
        [Path(sys.executable).parent / "dbt", "--quiet", *SHOW, "--profiles-dir", ROOT],
        cwd=folder,
        env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"} | environment,
        timeout=120,
        check=False,
        capture_output=True,
        text=True,
    )


def environments(url: str) -> dict[str, dict[str, str]]:
    """Every supported way to name one database."""
    parts = psycopg.conninfo.conninfo_to_dict(url)
    host, port, name, user, password = (str(parts[key]) for key in ("host", "port", "dbname", "user", "password"))
    encoded = "".join(f"%{ord(character):02X}" for character in password)
    return {
        "url": {"DATABASE_URL": url},
        "url with a percent-encoded password": {
            "DATABASE_URL": f"postgres://{user}:{encoded}@{host}:{port}/{name}?sslmode=disable"
        },
        "url without a password": {"DATABASE_URL": f"postgresql://{user}@{host}:{port}/{name}", "PGPASSWORD": password},
        "libpq's variables": {
            "PGHOST": host, "PGPORT": port, "PGDATABASE": name, "PGUSER": user, "PGPASSWORD": password
        },
    }  # fmt: skip


def test_dbt_connects_to_what_the_loader_connects_to(database, server, run_loader, tmp_path):
    for way, environment in environments(database).items():
        asked = run_loader(
            "db", "psql", "-XAtc", "select current_database() || ' ' || inet_server_port()",
            env={"DATABASE_URL": ""} | environment,
        )  # fmt: skip
        place = asked.stdout.strip()
        shown = run_dbt_show(environment, tmp_path)
        assert place, (way, asked.stderr)
        assert place in shown.stdout, (way, shown.stdout + shown.stderr)


@pytest.mark.parametrize(
    "address",
    [
        "host=127.0.0.1 dbname=warehouse",
        "postgresql:///warehouse?host=127.0.0.1",
        "postgresql://127.0.0.1/warehouse?user=me",
        "mysql://127.0.0.1/warehouse",
    ],
)
def test_addresses_that_only_one_of_them_could_read_are_refused_by_both(address, run_loader, tmp_path):
    refused = run_loader("status", env={"DATABASE_URL": address})
    assert refused.returncode == 4
    assert "postgresql://user:password@host:port/database" in refused.stderr
    shown = run_dbt_show({"DATABASE_URL": address, "EMBEDDED_PGHOST": "127.0.0.1", "EMBEDDED_PGPORT": "1"}, tmp_path)
    assert shown.returncode != 0
    assert "DATABASE_URL as postgresql://user:password@host:port/database" in shown.stdout + shown.stderr
