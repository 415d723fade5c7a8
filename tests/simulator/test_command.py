"""The command: its output, its exit codes, and the folders that it writes into."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import simulator.errors

SMALL = ("generate", "--days", 1, "--sessions-per-day", 5)


def test_summary_goes_to_stderr_and_nothing_to_stdout(tmp_path, simulate):
    run = simulate(*SMALL, "--out", tmp_path / "logs")
    assert (run.returncode, run.stdout) == (0, "")
    (line,) = run.stderr.splitlines()
    assert " lines of " in line
    assert line.endswith(" s).")


def test_help_shows_an_example_and_the_exit_codes(simulate):
    run = simulate("generate", "--help")
    assert run.returncode == 0
    assert "simulator generate --days 30 --sessions-per-day 200 --seed 7 --out simulated/" in " ".join(
        run.stdout.split()
    )
    for command in ("generate", "deliver", "follow", "check"):
        assert "\n  Exit codes:\n    0  " in simulate(command, "--help").stdout
    assert "..." not in simulate("--help").stdout.replace("COMMAND [ARGS]...", "")


@pytest.mark.parametrize(
    "arguments",
    [
        ["--days", "0"],
        ["--days", "many"],
        ["--sessions-per-day", "-1"],
        ["--seed", "x"],
        ["--start", "2026-02-30"],
        ["--start", "9999-12-01"],
        ["--unknown"],
        ["--tenants", "5"],
        ["--fault", "gremlins"],
        ["--deliveries", "0"],
        ["--bulk", "--fault", "loss"],
        ["--bulk", "--deliveries", "2"],
        ["surplus"],
    ],
)
def test_wrong_arguments_exit_2_and_write_nothing(tmp_path, simulate, arguments):
    run = simulate("generate", "--out", tmp_path / "logs", *arguments)
    assert (run.returncode, run.stdout) == (2, "")
    assert "Try 'simulator generate --help' for help." in run.stderr
    assert list(tmp_path.iterdir()) == []


def _states(folder: Path) -> dict[Path, tuple[int, int]]:
    """Inode and time of the last change of every file."""
    return {path: (path.stat().st_ino, path.stat().st_mtime_ns) for path in folder.rglob("*") if path.is_file()}


def test_start_moves_the_window(small):
    folder = small("logs", "--start", "2025-02-27")
    assert folder.record["parameters"]["start"] == "2025-02-27"
    assert folder.events[0]["timestamp"] >= "2025-02-26T16:00:00"
    assert folder.events[-1]["timestamp"] < "2025-02-28T20:00:00"


def test_new_and_empty_folders_are_filled(tmp_path, simulate):
    (tmp_path / "empty").mkdir()
    for out in (tmp_path / "empty", tmp_path / "new" / "deep"):
        assert simulate(*SMALL, "--out", out).returncode == 0
        assert (out / "simulation.json").is_file()
        assert sorted(out.parent.glob(".*")) == []


def test_same_run_again_leaves_every_file_as_it_is(tmp_path, simulate):
    out = tmp_path / "logs"
    simulate(*SMALL, "--out", out)
    before = _states(out)
    assert simulate(*SMALL, "--out", out).returncode == 0
    assert _states(out) == before
    assert len(before) > 10


def test_other_run_replaces_its_own_files_and_no_others(tmp_path, simulate):
    out = tmp_path / "logs"
    simulate("generate", "--days", 15, "--sessions-per-day", 2, "--fault", "loss", "--out", out)
    (out / "logs" / "mine.jsonl").write_text("mine\n")
    assert (out / "logs" / "ai_chatbot-week-02.jsonl.gz").exists()
    assert (out / "truth" / "happened").is_dir()
    simulate(*SMALL, "--out", out)
    assert sorted(path.name for path in out.iterdir()) == ["logs", "parameters", "simulation.json", "truth"]
    assert sorted(path.name for path in (out / "logs").iterdir()) == [
        "agent_workbench-week-01.jsonl",
        "ai_chatbot-week-01.jsonl",
        "customer_hub-week-01.jsonl",
        "mine.jsonl",
    ]
    assert (out / "logs" / "mine.jsonl").read_text() == "mine\n"
    assert not (out / "truth" / "happened").exists()


@pytest.mark.parametrize(
    "content", [None, "{", "[]", '{"files": []}', '{"made_by": "somebody else", "files": []}', '{"made_by": 1}']
)
def test_folder_that_is_not_ours_is_refused(tmp_path, simulate, content):
    (tmp_path / "precious.txt").write_text("precious")
    if content is not None:
        (tmp_path / "simulation.json").write_text(content)
    before = sorted(path.name for path in tmp_path.iterdir())
    run = simulate(*SMALL, "--out", tmp_path)
    assert (run.returncode, run.stdout) == (4, "")
    assert run.stderr == (
        f"simulator: {tmp_path} is not empty and holds no simulation.json of an earlier run, so its files are left"
        " alone\n  next: choose another --out, or empty the folder\n"
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_record_cannot_name_files_outside_the_folder(tmp_path, simulate):
    out = tmp_path / "logs"
    out.mkdir()
    (tmp_path / "precious.txt").write_text("precious")
    (out / "simulation.json").write_text(
        json.dumps({"made_by": "simulator", "files": ["../precious.txt", str(tmp_path / "precious.txt"), "gone.jsonl"]})
    )
    assert simulate(*SMALL, "--out", out).returncode == 0
    assert (tmp_path / "precious.txt").read_text() == "precious"


@pytest.mark.parametrize(
    ("signal_number", "exit_code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["interrupt", "terminate"]
)
def test_stopped_run_leaves_the_folder_as_it_was(tmp_path, simulate, signal_number, exit_code):
    out = tmp_path / "logs"
    simulate(*SMALL, "--out", out)
    before = _states(out)
    process = subprocess.Popen(
        [sys.executable, "-m", "simulator", "generate", "--days", "3000", "--out", str(out)],
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            _wait_until_writing(process, tmp_path)
            process.send_signal(signal_number)
            _, said = process.communicate(timeout=60)
        finally:
            process.kill()
    assert (process.returncode, said) == (exit_code, f"simulator: stopped; {out} is as it was\n")
    assert _states(out) == before
    assert [path.name for path in tmp_path.iterdir()] == ["logs"]


def _wait_until_writing(process: subprocess.Popen[str], folder: Path) -> None:
    """Look until the run has begun to write beside its output folder."""
    for _ in range(600):
        if list(folder.glob(".logs.*/written/*.jsonl")):
            return
        try:
            process.wait(timeout=0.1)
        except subprocess.TimeoutExpired:
            continue
        break
    raise AssertionError(f"the run has not begun to write: {process.poll()}")


def test_full_disk_is_an_error_and_leaves_nothing(tmp_path):
    # A limit on the size of files stands for the full disk.
    code = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, 30_000))
from simulator.__main__ import main
sys.argv = ["simulator", "generate", "--days", "2", "--out", sys.argv[1]]
main()
"""
    run = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "logs")], capture_output=True, text=True, timeout=60, check=False
    )
    assert run.returncode == 1
    assert run.stderr.endswith(
        " lines could not be written\n  next: check that it is a folder that you may write to, on a disk with space;"
        " then run the same command again\n"
    )
    assert f"simulator: cannot write to {tmp_path / 'logs'}: " in run.stderr
    assert list(tmp_path.iterdir()) == []


def test_folder_that_cannot_be_made_is_an_error_with_a_next_step(tmp_path, simulate):
    (tmp_path / "file").write_text("")
    run = simulate(*SMALL, "--out", tmp_path / "file" / "deep" / "world")
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr == (
        f"simulator: cannot write to {tmp_path / 'file' / 'deep' / 'world'}: Not a directory\n"
        "  next: check that it is a folder that you may write to, on a disk with space;"
        " then run the same command again\n"
    )


def test_every_error_has_an_exit_code_and_a_place_in_the_tree():
    errors = [found for found in vars(simulator.errors).values() if isinstance(found, type)]
    lines = simulator.errors.__doc__.splitlines()
    for error in errors:
        [line] = [line for line in lines if f" {error.__name__} " in f" {line} "]
        assert issubclass(error, simulator.errors.SimulatorError)
        codes = [int(word) for word in line.split() if word.isdigit()]
        assert error.exit_code == (codes[0] if codes else error.__base__.exit_code)


def test_missing_click_is_explained():
    code = "import sys; sys.modules['click'] = None; from simulator.__main__ import main; main()"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert (run.returncode, run.stdout) == (1, "")
    assert run.stderr == "simulator: click is missing; install support-warehouse[loader].\n"


def test_files_get_the_usual_permissions(tmp_path, simulate):
    before = os.umask(0o022)
    try:
        simulate(*SMALL, "--out", tmp_path / "logs")
    finally:
        os.umask(before)
    assert (tmp_path / "logs").stat().st_mode & 0o777 == 0o755
    found = list((tmp_path / "logs").rglob("*"))
    assert {path.stat().st_mode & 0o777 for path in found if path.is_file()} == {0o644}
    assert {path.stat().st_mode & 0o777 for path in found if path.is_dir()} == {0o755}
