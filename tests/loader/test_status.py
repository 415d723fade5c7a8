"""What ``loader status`` says: counts, ages, dead letters by reason and state, and what waits to be read."""

import gzip
import json
import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.conftest import LoaderCommand
from tests.loader.conftest import Ask, event_line, event_lines


def shown(run_loader: LoaderCommand, *paths: str | Path) -> dict[str, Any]:
    done = run_loader("status", *paths, "--json")
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_status_counts_files_lines_loads_and_reasons(tmp_path: Path, run_loader: LoaderCommand) -> None:
    happened = (datetime.now(UTC) - timedelta(hours=3)).isoformat()
    lines = event_lines(1, 10) + event_line(11, timestamp=happened)
    (tmp_path / "a.jsonl").write_bytes(lines + b"\nno json\nno json\n")
    assert run_loader("status").stdout.endswith("loads      0, the last never\nnewest     never\n")
    run_loader("ingest", tmp_path)

    words = run_loader("status").stdout.splitlines()
    found = shown(run_loader)

    assert words[:2] == ["files      1", "lines      14 read, 11 loaded, 3 rejected"]
    assert re.fullmatch(r"loads      1, the last \S+, \d+ seconds ago", words[2])
    assert re.fullmatch(r"newest     \S+, 3 hours ago", words[3])
    assert words[4:] == ["rejected   2 not_json, new", "rejected   1 blank_line, new"]
    assert 0 <= found.pop("last_load_age_seconds") < 600
    assert 3 * 3600 <= found.pop("newest_event_age_seconds") < 3 * 3600 + 600
    assert found.pop("last_load_at") is not None
    assert datetime.fromisoformat(found.pop("newest_event_at")) == datetime.fromisoformat(happened)
    assert found == {
        "files": 1,
        "lines": 14,
        "loaded": 11,
        "rejected": 3,
        "loads": 1,
        "dead_letters": {"not_json": {"new": 2}, "blank_line": {"new": 1}},
        "waiting": None,
        "loss": None,
        "passed": [],
    }


def test_the_newest_event_is_that_of_the_last_day_with_loads(
    tmp_path: Path, run_loader: LoaderCommand, ask: Ask
) -> None:
    (tmp_path / "a.jsonl").write_bytes(event_line(1, timestamp="2026-06-01T00:00:00Z"))
    run_loader("ingest", tmp_path)
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    ask("select raw.ensure_partition(%s)", yesterday)
    ask("update raw.events set loaded_on = %s returning 1", yesterday)
    ask("update raw.loads set loaded_on = %s returning 1", yesterday)
    (tmp_path / "b.jsonl").write_bytes(event_line(2, timestamp="2026-05-01T00:00:00Z") + b"no json\n")
    run_loader("ingest", tmp_path)

    assert shown(run_loader)["newest_event_at"] == "2026-05-01 00:00:00+00:00"


def test_what_waits_under_paths_is_counted_without_reading(tmp_path: Path, run_loader: LoaderCommand) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "read.jsonl").write_bytes(event_lines(1, 3))
    (logs / "grown.jsonl").write_bytes(event_lines(4, 6))
    (logs / "shrunk.jsonl").write_bytes(event_lines(7, 9))
    assert shown(run_loader, logs)["waiting"] == {
        "files": 3,
        "bytes": len(event_lines(1, 9)),
        "unreadable": 0,
    }
    run_loader("ingest", logs)
    assert shown(run_loader, logs)["waiting"] == {"files": 0, "bytes": 0, "unreadable": 0}

    more, less, packed = event_lines(10, 12), event_lines(7, 7), gzip.compress(event_lines(13, 13))
    with (logs / "grown.jsonl").open("ab") as log:
        log.write(more)
    os.truncate(logs / "shrunk.jsonl", len(less))
    (logs / "new.jsonl.gz").write_bytes(packed)
    (logs / "loop.jsonl").symlink_to("loop.jsonl")

    expected = {"files": 3, "bytes": len(more) + len(less) + len(packed), "unreadable": 1}
    assert shown(run_loader, logs)["waiting"] == expected
    assert run_loader("status", logs).stdout.splitlines()[4:6] == [
        f"waiting    3 files, {expected['bytes']} bytes to read",
        "unreadable 1 files or folders",
    ]


@pytest.mark.parametrize("path", ["missing", "."])
def test_paths_without_log_files_are_wrong_usage(tmp_path: Path, run_loader: LoaderCommand, path: str) -> None:
    assert run_loader("status", path, cwd=tmp_path).returncode == 2


@pytest.mark.parametrize(
    ("ahead", "words"),
    [
        (0, r"\d+ seconds (ago|ahead)"),
        (7200 + 60, "2 hours ahead"),
        (-3 * 86_400, "3 days ago"),
        (-600, "10 minutes ago"),
    ],
)
def test_ages_are_told_in_their_largest_unit(tmp_path: Path, run_loader: LoaderCommand, ahead: int, words: str) -> None:
    instant = datetime.now(UTC) + timedelta(seconds=ahead)
    (tmp_path / "a.jsonl").write_bytes(event_line(1, timestamp=instant.isoformat()))
    run_loader("ingest", tmp_path)
    assert re.search(f"^newest     .*, {words}$", run_loader("status").stdout, re.MULTILINE)


def test_thresholds_that_are_passed_end_with_three_and_say_which(tmp_path: Path, run_loader: LoaderCommand) -> None:
    happened = (datetime.now(UTC) - timedelta(hours=3)).isoformat()
    (tmp_path / "a.jsonl").write_bytes(event_line(1, timestamp=happened) + b"no json\nno json\n")
    run_loader("ingest", tmp_path)
    assert run_loader("status", "--max-lag", "14400", "--max-dead-letters", "2").returncode == 0

    done = run_loader("status", "--json", "--max-lag", "3600", "--max-dead-letters", "1")

    lag, letters = json.loads(done.stdout)["passed"]
    assert re.fullmatch(r"the newest event is 10[89]\d\d seconds old, more than 3600", lag)
    assert letters == "2 dead letters wait, more than 1"
    assert done.returncode == 3
    assert f"{lag}; {letters}" in done.stderr


def test_a_loss_above_its_threshold_is_passed(run_loader: LoaderCommand, database: str) -> None:
    refused = run_loader("status", "--max-loss", "0.001")
    assert refused.returncode == 4
    assert "not measured: marts.event_loss_daily is missing\n  next: run: dbt build" in refused.stderr
    with psycopg.connect(database) as connection:
        connection.execute(
            "create table marts.event_loss_daily as select * from (values"
            " (date '2026-10-01', 1000, 500), (date '2026-10-02', 600, 0), (date '2026-10-08', 400, 2)"
            ") as days (event_date, expected_lines_count, lost_lines_count)"
        )
        connection.execute("grant select on marts.event_loss_daily to transformer")
    found = shown(run_loader)
    assert found["loss"] == {"since": "2026-10-02", "expected": 1000, "lost": 2}
    assert "loss       2 of 1000 lines since 2026-10-02: 0.002000" in run_loader("status").stdout
    assert [run_loader("status", "--max-loss", share).returncode for share in ("0.002", "0.0019")] == [0, 3]
