"""`loader check`: the verdict of `ingest` on each line, without a database."""

import csv
import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import CLEAN_ENVIRONMENT
from tests.loader.conftest import event_line, event_lines

ROOT = Path(__file__).resolve().parents[2]
CONFORMANCE = ROOT / "docs/conformance"


def check(*arguments: object, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    # An address where nobody listens: whoever asked the database would fail.
    environment = CLEAN_ENVIRONMENT | {"PATH": os.environ["PATH"], "DATABASE_URL": "postgresql://localhost:1/none"}
    return subprocess.run(
        [sys.executable, "-m", "loader", "check", *map(str, arguments)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_good_lines_of_the_conformance_set_are_good() -> None:
    done = check(CONFORMANCE / "good.jsonl")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "20 lines in 1 files, 0 rejected\n")


def test_bad_lines_of_the_conformance_set_are_bad_for_the_reasons_told() -> None:
    done = check("--json", CONFORMANCE / "bad.jsonl")
    assert done.returncode == 3
    found = [json.loads(line) for line in done.stdout.splitlines()]
    with (CONFORMANCE / "bad_reasons.csv").open() as file:
        expected = [(int(row["line"]), row["reason"]) for row in csv.DictReader(file)]
    assert [(place["line"], place["reason"]) for place in found] == expected
    assert len(expected) == (CONFORMANCE / "bad.jsonl").read_bytes().count(b"\n")


def test_place_reason_and_detail_are_told_and_no_value(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(
        event_line(1) + event_line(2, channel={"no": "secret-word"}) + event_line(3)[:-5]
    )
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(event_lines(1, 3) + b"[]\n"))
    done = check(tmp_path, "--max-line-bytes", 1000)
    assert done.stdout == (
        f"{tmp_path}/a.jsonl:2: wrong_type: channel: Expected `str`, got `object`\n"
        f"{tmp_path}/b.jsonl.gz:4: not_an_object: the line is JSON, but not an object\n"
    )
    assert done.stderr == (
        f"{tmp_path}/a.jsonl: the last line has no newline yet, and would wait\n"
        "6 lines in 2 files, 2 rejected\n"
        "loader: 2 of 6 lines break the contract\n"
        "  next: see docs/events.md and docs/schemas for what each event must have\n"
    )


def test_line_that_is_too_long_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(event_line(1) + b"x" * 5000 + b"\n")
    done = check(tmp_path, "--max-line-bytes", 1000)
    assert done.stdout == f"{tmp_path}/a.jsonl:2: line_too_long: 5000 bytes, the limit is 1000\n"


def test_archive_that_breaks_off_is_refused_after_its_lines(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(event_lines(1, 50))[:-20])
    done = check(tmp_path)
    assert done.returncode == 4
    assert done.stderr.endswith("a.jsonl.gz breaks off\n  next: check it again when it is complete\n")


def test_missing_path_is_wrong_usage(tmp_path: Path) -> None:
    assert check(tmp_path / "none.jsonl").returncode == 2
