"""The loader's own log: JSON lines of what it did, without a word of any line, and never taken for events."""

import json
from pathlib import Path
from typing import Any

import pytest

from loader.journal import journal, note_start
from tests.conftest import LoaderCommand
from tests.loader.conftest import Ask, event_lines

ENVELOPE = {"event_id", "timestamp", "product", "tenant_id", "schema_version", "emitter_id", "seq", "level", "logger"}


def noted(path: Path) -> list[dict[str, Any]]:
    """The lines without what differs from run to run."""
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    for line in lines:
        assert line.keys() >= ENVELOPE
    return [{name: value for name, value in line.items() if name not in ENVELOPE - {"level"}} for line in lines]


def test_a_run_notes_its_begin_each_file_and_its_end(tmp_path: Path, run_loader: LoaderCommand) -> None:
    (tmp_path / "a.jsonl").write_bytes(event_lines(1, 10) + b'{"event": "secret-word"\n')
    (tmp_path / "b.jsonl").symlink_to("b.jsonl")
    log = tmp_path / "loader.log"

    assert run_loader("ingest", tmp_path, "--log-file", log).returncode == 4
    first = noted(log)
    (tmp_path / "b.jsonl").unlink()
    assert run_loader("ingest", tmp_path, "--log-file", log).returncode == 0
    second = noted(log)[len(first) :]

    assert [line["event"] for line in first] == [
        "loader.run_started", "loader.file_refused", "loader.file_loaded", "loader.run_ended",
    ]  # fmt: skip
    assert [line["level"] for line in first] == ["INFO", "ERROR", "INFO", "ERROR"]
    assert first[0]["paths_count"] == 1
    assert first[1]["error"].startswith(f"{tmp_path}/b.jsonl cannot be read")
    assert first[2] == {
        "event": "loader.file_loaded", "level": "INFO", "path": f"{tmp_path}/a.jsonl", "lines_read": 11,
        "lines_loaded": 10, "lines_rejected": 1, "has_waiting_line": False,
    }  # fmt: skip
    assert first[3]["duration_seconds"] > 0
    ended = {name: first[3][name] for name in ("exit_code", "files_read", "files_refused", "lines_loaded")}
    assert ended == {"exit_code": 4, "files_read": 1, "files_refused": 1, "lines_loaded": 10}
    assert [line["event"] for line in second] == ["loader.run_started", "loader.run_ended"]
    assert (second[1]["exit_code"], second[1]["files_unchanged"]) == (0, 1)
    assert "secret-word" not in log.read_text()


def test_a_run_without_a_database_notes_its_retries_and_why_it_ended(tmp_path: Path, run_loader: LoaderCommand) -> None:
    (tmp_path / "a.jsonl").write_bytes(event_lines(1, 1))
    unreachable = {"DATABASE_URL": "postgresql://nobody:hidden@127.0.0.1:1/none"}
    run_loader("ingest", tmp_path, "--retry-for", "0.3", "--log-file", tmp_path / "loader.log", env=unreachable)

    _started, *retried, ended = noted(tmp_path / "loader.log")
    assert [line["attempt"] for line in retried] == [*range(1, len(retried) + 1)]
    assert {(line["event"], line["level"]) for line in retried} == {("loader.retried", "WARNING")}
    assert all(0 < line["wait_seconds"] <= 0.3 for line in retried)
    assert (ended["event"], ended["exit_code"], ended["lines_read"]) == ("loader.run_ended", 4, 0)
    assert ended["error"].startswith("the database cannot be reached")
    assert "hidden" not in (tmp_path / "loader.log").read_text()


def test_the_log_in_the_folder_of_events_is_not_ingested(tmp_path: Path, run_loader: LoaderCommand, ask: Ask) -> None:
    (tmp_path / "a.jsonl").write_bytes(event_lines(1, 10))
    for _ in range(2):
        assert run_loader("ingest", tmp_path, "--log-file", tmp_path / "loader.log").returncode == 0
    (tmp_path / "loader.log").rename(tmp_path / "loader.log.1")
    assert run_loader("ingest", tmp_path, "--log-file", tmp_path / "loader.log").returncode == 0

    assert ask("select count(*), count(distinct source_file_id) from raw.events") == [(10, 1)]
    assert ask("select count(*) from raw.source_files") == [(1,)]


def test_a_log_that_is_rotated_under_a_run_is_opened_anew(tmp_path: Path) -> None:
    log = tmp_path / "loader.log"
    with journal(log):
        note_start("1", 1)
        log.rename(tmp_path / "loader.log.1")
        note_start("1", 2)
    assert [line["paths_count"] for line in noted(tmp_path / "loader.log.1")] == [1]
    assert [line["paths_count"] for line in noted(log)] == [2]


@pytest.mark.parametrize("name", ["loader.jsonl", "loader.ndjson.gz"])
def test_a_name_that_would_be_ingested_is_refused(tmp_path: Path, run_loader: LoaderCommand, name: str) -> None:
    (tmp_path / "a.jsonl").write_bytes(event_lines(1, 10))
    done = run_loader("ingest", tmp_path, "--log-file", tmp_path / name)
    assert done.returncode == 2
    assert "would be ingested as one" in done.stderr
    assert "next: name it loader.log" in done.stderr
    assert not (tmp_path / name).exists()


def test_a_log_that_cannot_be_opened_is_refused_before_the_run(tmp_path: Path, run_loader: LoaderCommand) -> None:
    (tmp_path / "a.jsonl").write_bytes(event_lines(1, 10))
    done = run_loader("ingest", tmp_path, "--log-file", tmp_path / "missing" / "loader.log")
    assert done.returncode == 4
    assert "cannot be written: No such file or directory" in done.stderr


def test_a_full_disk_under_the_log_does_not_stop_the_loading(
    tmp_path: Path, run_loader: LoaderCommand, ask: Ask
) -> None:
    (tmp_path / "a.jsonl").write_bytes(event_lines(1, 10))
    done = run_loader("ingest", tmp_path, "--log-file", "/dev/full")
    assert done.returncode == 0
    assert "Traceback" not in done.stderr
    assert ask("select count(*) from raw.events") == [(10,)]


def test_without_a_log_file_nothing_is_noted_anywhere(tmp_path: Path, run_loader: LoaderCommand) -> None:
    (tmp_path / "a.jsonl").symlink_to("a.jsonl")
    done = run_loader("ingest", tmp_path, "--quiet")
    assert "loader.file_refused" not in done.stdout + done.stderr
