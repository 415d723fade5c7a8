"""Killed at any moment, loaders and server alike: no line is lost, none is loaded twice, every file adds up."""

import os
import time
from datetime import timedelta

import pytest

from tests.conftest import ROOT
from tests.loader.faults import Faults

LONG_KILLS = int(os.environ.get("FAULT_KILLS", "1000"))
REPORT = ROOT / "docs" / "fault-proof.md"


def seed() -> int:
    """The seed that was asked for, or another one each time: it is printed, and in the report."""
    return int(os.environ.get("FAULT_SEED", time.time_ns() % 1_000_000))


def test_after_fifty_kills_every_line_is_loaded_once() -> None:
    assert_whole(50)


@pytest.mark.long
def test_after_a_thousand_kills_every_line_is_loaded_once() -> None:
    report = assert_whole(LONG_KILLS)
    if LONG_KILLS >= 1_000:
        REPORT.write_text(report, encoding="utf-8")


def assert_whole(kills: int) -> str:
    """Play, finish, compare; returns the report."""
    chosen, began = seed(), time.monotonic()
    print(f"FAULT_SEED={chosen}")
    with Faults.ready(chosen) as faults:
        faults.play(kills, chosen)
        assert faults.troubles == []
        faults.finish()
        expected, found = faults.expected(), faults.found()
        assert found == expected
        assert faults.kills >= kills
        assert faults.numbers["a batch was open"] > kills // 50
        report = report_of(faults, found, chosen, time.monotonic() - began)
    print(report)
    return report


def report_of(faults: Faults, found: dict[str, object], chosen: int, seconds: float) -> str:
    [(version,)] = faults.victim.ask("show server_version")
    written = faults.written
    lines = written["good"] + written["later"] + written["bad"]
    done = [(name.removeprefix("kill: "), count) for name, count in sorted(faults.numbers.items()) if "kill: " in name]
    rows = [
        ("kills and stops in all", faults.kills),
        *((f"of these: {name}", count) for name, count in done),
        ("signals sent while a loader had a transaction open", faults.numbers["a batch was open"]),
        ("runs of `loader ingest` and `loader dead-letters retry`", faults.numbers["runs"]),
        ("runs that came to their end", faults.numbers["runs that came to their end"]),
        ("lines written", lines),
        *((f"files: {name}", written.get(name, 0)) for name in ("rotations", "archives", "copies", "moves")),
        ("contents known at the end", len(found["lines of files"])),  # type: ignore[arg-type]
        ("events loaded", found["events"][0]),  # type: ignore[index]
        ("of these: rejected at first and retried", written["later"]),
        ("dead letters", found["dead letters"][0]),  # type: ignore[index]
        ("lines lost", 0),
        ("lines loaded twice", 0),
        ("files whose books do not add up", 0),
    ]
    table = "\n".join(f"| {name} | {count:,} |" for name, count in rows)
    return (
        "# Fault proof\n\n"
        "Written by `make test-long` (`tests/loader/test_faults.py`) when it has passed. Two loaders and a retry of\n"
        "dead letters work at once, are killed at random moments and started again, and so is the server, while a\n"
        "writer writes, rotates, packs, moves and copies log files.\n\n"
        f"| what | count |\n|---|---:|\n{table}\n\n"
        f"PostgreSQL {version}, seed {chosen}, {timedelta(seconds=round(seconds))} h on {os.cpu_count()} cores.\n"
    )
