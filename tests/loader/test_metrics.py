"""Metrics files: valid for Prometheus, and telling of failures without forgetting the last success."""

import json
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from loader.metrics import Sight, write_run
from loader.summary import Summary
from tests.conftest import LoaderCommand, RunningServer
from tests.loader.at_work import started
from tests.loader.conftest import Ask, event_line, event_lines

PREFIX = "support_warehouse_"


def values(path: Path) -> dict[str, float]:
    """All samples, as ``name`` or ``name{first label's value,…}``, without the common prefix."""
    found = {}
    for family in text_string_to_metric_families(path.read_text()):
        assert family.documentation.endswith((".", "none."))
        assert family.type in ("counter", "gauge")
        for sample in family.samples:
            assert sample.name.startswith(PREFIX)
            labels = f"{{{','.join(sample.labels.values())}}}" if sample.labels else ""
            found[sample.name.removeprefix(PREFIX) + labels] = sample.value
    return found


def test_a_run_counts_lines_files_and_itself(tmp_path: Path, run_loader: LoaderCommand) -> None:
    (tmp_path / "a.jsonl").write_bytes(event_lines(1, 10) + b"no json\n" + event_line(11)[:-4])
    (tmp_path / "run.prom").write_text("no metrics of ours {\n")

    done = run_loader("ingest", tmp_path, "--metrics-file", tmp_path / "run.prom")
    found = values(tmp_path / "run.prom")

    assert done.returncode == 3
    ended, succeeded = (
        found.pop("loader_last_run_timestamp_seconds"),
        found.pop("loader_last_success_timestamp_seconds"),
    )
    assert ended == succeeded == pytest.approx((tmp_path / "run.prom").stat().st_mtime, abs=5)
    assert 0 < found.pop("loader_last_run_duration_seconds") < 60
    assert found == {
        "loader_lines_total{loaded}": 10,
        "loader_lines_total{rejected}": 1,
        "loader_files_total{read}": 1,
        "loader_files_total{unchanged}": 0,
        "loader_files_total{refused}": 0,
        "loader_files_total{failed}": 0,
        "loader_files_total{gone}": 0,
        "loader_runs_total{success}": 1,
        "loader_runs_total{failure}": 0,
        "loader_lines_waiting": 1,
        "loader_last_run_exit_code": 3,
    }
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.jsonl", "run.prom"]


def test_counters_go_on_from_run_to_run(tmp_path: Path, run_loader: LoaderCommand) -> None:
    for number in (1, 2):
        (tmp_path / f"{number}.jsonl").write_bytes(event_lines(10 * number, 10 * number + 4))
        run_loader("ingest", tmp_path, "--metrics-file", tmp_path / "run.prom")

    found = values(tmp_path / "run.prom")
    assert found["loader_lines_total{loaded}"] == 10
    assert (found["loader_files_total{read}"], found["loader_files_total{unchanged}"]) == (2, 1)
    assert found["loader_runs_total{success}"] == 2


def test_runs_that_fail_are_told_and_the_last_success_stays(tmp_path: Path, run_loader: LoaderCommand) -> None:
    (tmp_path / "a.jsonl").write_bytes(event_lines(1, 10))
    metrics = tmp_path / "run.prom"
    options = ("--metrics-file", metrics)
    run_loader("ingest", tmp_path, *options)
    success = values(metrics)["loader_last_success_timestamp_seconds"]

    unreachable = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}
    assert run_loader("ingest", tmp_path, *options, "--retry-for", "0", env=unreachable).returncode == 4
    failed = values(metrics)
    (tmp_path / "a.jsonl").write_bytes(event_lines(21, 25))
    assert run_loader("ingest", tmp_path, *options).returncode == 4
    refused = values(metrics)

    assert failed["loader_last_run_exit_code"] == 4
    assert failed["loader_runs_total{failure}"] == 1
    assert failed["loader_lines_total{loaded}"] == 10
    assert refused["loader_files_total{refused}"] == 1
    assert refused["loader_runs_total{failure}"] == 2
    for found in (failed, refused):
        assert found["loader_last_success_timestamp_seconds"] == success
        assert found["loader_last_run_timestamp_seconds"] > success


def test_there_is_no_last_success_before_the_first(tmp_path: Path, run_loader: LoaderCommand) -> None:
    (tmp_path / "a.jsonl").symlink_to("a.jsonl")
    run_loader("ingest", tmp_path, "--metrics-file", tmp_path / "run.prom")
    assert "loader_last_success_timestamp_seconds" not in values(tmp_path / "run.prom")


def test_a_run_that_is_stopped_writes_its_metrics(
    tmp_path: Path, database: str, server: RunningServer, ask: Ask
) -> None:
    (tmp_path / "a.jsonl").write_bytes(event_lines(1, 20_000))
    options = ("--batch-lines", 1, "--metrics-file", tmp_path / "run.prom", "--log-file", tmp_path / "loader.log")
    with started(tmp_path, *options, database=database, server=server) as process:
        while ask("select count(*) from raw.loads") == [(0,)]:
            assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)

    assert process.returncode == 143
    assert values(tmp_path / "run.prom")["loader_last_run_exit_code"] == 143
    assert '"exit_code":143' in (tmp_path / "loader.log").read_text().splitlines()[-1]


def test_status_writes_what_raw_holds(tmp_path: Path, run_loader: LoaderCommand) -> None:
    (tmp_path / "a.jsonl").write_bytes(event_line(1, timestamp="2026-06-01T00:00:00Z") + b"no json\n\n")
    run_loader("ingest", tmp_path)
    (tmp_path / "b.jsonl").write_bytes(event_lines(2, 3))

    done = run_loader("status", tmp_path, "--metrics-file", tmp_path / "raw.prom")
    found = values(tmp_path / "raw.prom")

    assert done.returncode == 0
    assert done.stdout.startswith("files      1\n")
    assert found.pop("raw_last_load_timestamp_seconds") == pytest.approx(
        (tmp_path / "raw.prom").stat().st_mtime, abs=60
    )
    assert found == {
        "raw_files": 1,
        "raw_lines": 3,
        "raw_loads": 1,
        "raw_newest_event_timestamp_seconds": 1_780_272_000,
        "raw_waiting_files": 1,
        "raw_waiting_bytes": len(event_lines(2, 3)),
        "raw_unreadable_files": 0,
        "raw_dead_letters{not_json,new}": 1,
        "raw_dead_letters{blank_line,new}": 1,
    }


@pytest.mark.parametrize("command", ["ingest", "status"])
@pytest.mark.parametrize("place", ["metrics.txt", "missing/metrics.prom"])
def test_a_place_where_node_exporter_would_find_nothing_is_refused_before_the_run(
    tmp_path: Path, run_loader: LoaderCommand, command: str, place: str
) -> None:
    (tmp_path / "a.jsonl").write_bytes(event_lines(1, 10))
    done = run_loader(command, tmp_path, "--metrics-file", tmp_path / place)
    assert (done.returncode, done.stdout) == (2, "")
    assert str(tmp_path) in done.stderr
    assert run_loader("status").stdout.startswith("files      0\n")


def test_runs_that_end_at_once_are_all_counted(tmp_path: Path) -> None:
    def run(_number: int) -> None:
        write_run(tmp_path / "run.prom", Sight(Summary(lines_loaded=2), 0, 1.0, 1.0))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(run, range(200)))

    found = values(tmp_path / "run.prom")
    assert (found["loader_runs_total{success}"], found["loader_lines_total{loaded}"]) == (200, 400)


def test_a_run_that_follows_writes_while_it_goes_on(tmp_path: Path, database: str, server: RunningServer) -> None:
    metrics = tmp_path / "run.prom"
    (tmp_path / "a.jsonl").write_bytes(event_lines(1, 3))
    options = ("--follow", "--poll", "--metrics-file", metrics, "--log-file", tmp_path / "loader.log")
    with started(tmp_path, *options, database=database, server=server) as process:
        for loaded in (3, 5):
            while not (metrics.exists() and values(metrics)["loader_lines_total{loaded}"] == loaded):
                assert process.poll() is None
            if loaded == 3:
                going_on = values(metrics)
                with (tmp_path / "a.jsonl").open("ab") as log:
                    log.write(event_lines(4, 5))
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
    ended = values(metrics)

    assert "loader_last_run_exit_code" not in going_on
    assert going_on["loader_last_success_timestamp_seconds"] > 0
    assert going_on["loader_runs_total{success}"] == 0
    assert (ended["loader_last_run_exit_code"], ended["loader_runs_total{success}"]) == (0, 1)
    assert (ended["loader_lines_total{loaded}"], ended["loader_files_total{read}"]) == (5, 1)
    notes = [json.loads(line)["event"] for line in (tmp_path / "loader.log").read_text().splitlines()]
    assert notes == ["loader.run_started", "loader.file_loaded", "loader.file_loaded", "loader.run_ended"]
