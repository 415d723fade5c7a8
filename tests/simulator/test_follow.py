"""Following: lines are written as time passes, at once, and never too early."""

import json
import signal
import subprocess
import sys
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest


def _timestamps(out):
    """Those of whole lines: the last one may be read while it is written."""
    return sorted(
        datetime.fromisoformat(json.loads(line)["timestamp"])
        for path in (out / "logs").glob("*.jsonl")
        for line in path.read_text(encoding="utf-8").split("\n")[:-1]
    )


def _yesterday():
    return (datetime.now(UTC) - timedelta(days=1)).date().isoformat()


@contextmanager
def _following(out, *options):
    process = subprocess.Popen(
        [sys.executable, "-m", "simulator", "follow", "--out", str(out), *map(str, options)],
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def _wait_for(condition, process):
    """Look until something is so; the result is what it is then."""
    for _ in range(600):
        if found := condition():
            return found
        try:
            process.wait(timeout=0.1)
        except subprocess.TimeoutExpired:
            continue
        break
    raise AssertionError(f"it did not come so far: {process.poll()}")


def test_follow_reaches_the_present_and_does_not_pass_it(tmp_path, simulate):
    out = tmp_path / "world"
    began = datetime.now(UTC)
    run = simulate("follow", "--speed", 1e6, "--start", _yesterday(), "--until-caught-up", "--out", out)
    assert (run.returncode, run.stdout) == (0, "")
    instants = _timestamps(out)
    assert run.stderr.splitlines() == [
        f"Writing to {out / 'logs'}: from {_yesterday()} 08:00 in Asia/Shanghai on 1e+06 times as fast as real time,"
        " up to the present and on with it; Ctrl-C stops.",
        f"{len(instants):,} lines in {out}.",
    ]
    # At night hours may go by without a line.
    assert began - timedelta(hours=12) < instants[-1] <= datetime.now(UTC)
    assert instants[0] < began - timedelta(hours=18)


def test_follow_runs_as_fast_as_it_is_told_and_writes_each_line_at_once(tmp_path):
    out = tmp_path / "world"
    speed = 7200
    start = datetime.fromisoformat(f"{_yesterday()}T08:00:00+08:00")
    began = datetime.now(UTC)
    with _following(out, "--speed", speed, "--start", _yesterday()) as process:
        # From nine in the morning on there is something to see in every second.
        _wait_for(lambda: (out / "logs").exists() and len(_timestamps(out)) > 1000, process)
        first = _timestamps(out)
        assert first[-1] - start <= speed * (datetime.now(UTC) - began)
        second = _wait_for(lambda: len(now := _timestamps(out)) > len(first) + 300 and now, process)
        assert second[-1] > first[-1]
        assert process.poll() is None


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["interrupt", "terminate"])
def test_follow_that_is_stopped_is_done_and_leaves_whole_lines(tmp_path, number):
    out = tmp_path / "world"
    with _following(out, "--speed", 7200, "--start", _yesterday()) as process:
        _wait_for(lambda: list(out.glob("logs/*.jsonl")), process)
        process.send_signal(number)
        _, said = process.communicate(timeout=60)
    assert (process.returncode, said.splitlines()[1:]) == (0, [f"{len(_timestamps(out)):,} lines in {out}."])
    record = json.loads((out / "simulation.json").read_text())
    found = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    assert {*record["files"], "simulation.json"} == found
    assert record["parameters"]["start"] == _yesterday()


def test_follow_takes_the_folder_of_an_earlier_run(tmp_path, simulate):
    out = tmp_path / "world"
    simulate("generate", "--days", 2, "--sessions-per-day", 5, "--fault", "loss", "--out", out)
    (out / "mine.txt").write_text("mine")
    options = ("--speed", 1e6, "--start", _yesterday(), "--until-caught-up", "--out", out)
    assert simulate("follow", *options).returncode == 0
    assert sorted(path.name for path in out.iterdir()) == ["logs", "mine.txt", "parameters", "simulation.json"]
    first = _timestamps(out)
    assert simulate("follow", *options).returncode == 0
    assert _timestamps(out)[: len(first)] == first


def test_follow_refuses_a_folder_that_is_not_ours(tmp_path, simulate):
    (tmp_path / "precious.txt").write_text("precious")
    run = simulate("follow", "--until-caught-up", "--out", tmp_path)
    assert (run.returncode, run.stdout) == (4, "")
    assert "its files are left alone" in run.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["precious.txt"]


def test_follow_cannot_begin_in_the_future(tmp_path, simulate):
    run = simulate("follow", "--start", "2088-01-01", "--out", tmp_path / "world")
    assert run.returncode == 2
    assert run.stderr.endswith("Error: --start lies in the future; choose today or an earlier day.\n")
    assert list(tmp_path.iterdir()) == []
