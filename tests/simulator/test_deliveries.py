"""What the simulator says about its log files is what the real loader makes of them, delivery by delivery."""

import gzip
import json
import shutil
import subprocess
import sys
from collections import Counter

import pytest

from tests.simulator.loading import assert_told, deliver_and_ingest, ingest, table

DELIVERIES = 5
WORLD = ("--start", "2026-09-28", "--days", 36, "--sessions-per-day", 6, "--tenants", 4, "--fault", "all")


@pytest.fixture(scope="module")
def faulty_world(tmp_path_factory, simulate):
    """A world in which everything goes wrong, in five deliveries; shared, so use a copy."""
    out = tmp_path_factory.mktemp("faulty") / "world"
    run = simulate("generate", *WORLD, "--deliveries", DELIVERIES, "--out", out)
    assert run.returncode == 0, run.stderr
    return out


@pytest.fixture
def world(faulty_world, tmp_path):
    """A copy of that world."""
    shutil.copytree(faulty_world, tmp_path / "world")
    return tmp_path / "world"


@pytest.fixture(scope="module")
def whole_world(tmp_path_factory, simulate):
    """The same world in one delivery."""
    out = tmp_path_factory.mktemp("whole") / "world"
    run = simulate("generate", *WORLD, "--out", out)
    assert run.returncode == 0, run.stderr
    return out


def test_loader_makes_of_five_deliveries_what_the_truth_says(world, simulate, database, run_loader):
    assert table(world, "refusals") != []
    deliver_and_ingest(world, DELIVERIES, lambda: simulate("deliver", world).check_returncode(), run_loader)
    assert_told(world, database)


def test_loader_makes_of_one_delivery_what_the_truth_says(whole_world, database, run_loader):
    assert table(whole_world, "refusals") == []
    ingest(run_loader, whole_world / "logs", [])
    assert_told(whole_world, database)


def test_five_deliveries_bring_the_lines_of_one(world, whole_world, simulate):
    assert list((world / "logs").iterdir()) == []
    # Whoever loads the whole folder must not load what is still to come.
    assert list((world / "pending").glob("*.jsonl*")) == []
    for _ in range(DELIVERIES):
        assert simulate("deliver", world).returncode == 0
    assert _lines(world) == _lines(whole_world)
    assert not (world / "pending").exists()
    record = json.loads((world / "simulation.json").read_text())
    found = {path.relative_to(world).as_posix() for path in world.rglob("*") if path.is_file()}
    assert {*record["files"], "simulation.json"} == found


def test_deliver_says_what_it_did_and_that_nothing_is_left(world, simulate):
    first = simulate("deliver", world)
    assert (first.returncode, first.stdout) == (0, "")
    assert first.stderr.splitlines()[-1] == "Delivery 1 is done."
    assert "ai_chatbot-broken.jsonl came" in first.stderr.splitlines()
    for number in range(2, DELIVERIES + 1):
        assert simulate("deliver", world).stderr.splitlines()[-1] == f"Delivery {number} is done."
    before = _states(world)
    last = simulate("deliver", world)
    assert (last.returncode, last.stdout, last.stderr) == (0, "", "Nothing is left to deliver.\n")
    assert _states(world) == before


def test_files_are_rotated_in_place(world, simulate):
    states, seen = {}, set()
    for number in range(1, DELIVERIES + 1):
        simulate("deliver", world)
        before, states = states, {path.name: (inode, path.stat().st_size) for path, inode in _inodes(world).items()}
        for row in table(world, "deliveries"):
            if int(row["delivery"]) == number and row["file"] in before:
                (inode, size), now = before[row["file"]], states.get(row["file"])
                if row["what"] == "rename" and now is not None:
                    assert now[0] != inode
                    assert inode in {other for name, (other, _) in states.items() if name != row["file"]}
                    seen.add("rename")
                elif row["what"] == "truncate":
                    assert now[0] == inode
                    seen.add("truncate")
                elif row["what"] == "append" and now is not None and now[0] == inode and now[1] > size:
                    seen.add("append")
    assert seen == {"append", "rename", "truncate"}


def test_delivery_may_end_in_the_middle_of_a_line_that_the_next_one_completes(world, simulate):
    ends, completed_count = set(), 0
    for _ in range(DELIVERIES):
        simulate("deliver", world)
        contents = [_read(path) for path in (world / "logs").iterdir()]
        lines = {line for content in contents for line in content.splitlines()}
        completed_count += sum(any(line.startswith(end) and line != end for line in lines) for end in ends)
        ends = {content.rpartition(b"\n")[2] for content in contents} - {b""}
    assert completed_count >= 2


def test_nothing_is_delivered_before_it_was_written(small, simulate):
    faults = ("duplicates", "shuffled", "loss", "rename", "copytruncate", "half_written", "copies", "late")
    options = [part for fault in faults for part in ("--fault", fault)]
    folder = small("world", "--start", "2026-10-01", "--days", 10, "--deliveries", 4, *options)
    # The window begins at 2026-09-30T16:00Z; a quarter of it is two and a half days.
    for end in ("2026-10-03T04:00:00", "2026-10-05T16:00:00", "2026-10-08T04:00:00"):
        assert simulate("deliver", folder.path).returncode == 0
        lines = [line for path in (folder.path / "logs").iterdir() for line in _read(path).splitlines()]
        latest = max(line[line.index(b'"timestamp":"') + 13 :][:19].decode() for line in lines if b'"logger"' in line)
        assert latest < end
        assert latest > end[:8]


def test_delivery_that_was_cut_short_goes_on(world, whole_world, simulate):
    # A limit on the size of files stands for the full disk.
    code = (
        """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
from simulator.__main__ main
""".replace("__main__ main", "__main__ import main")
        + f"""
sys.argv = ["simulator", "deliver", {str(world)!r}]
main()
"""
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 1
    assert "File too large" in run.stderr
    for _ in range(DELIVERIES):
        assert simulate("deliver", world).returncode == 0
    assert simulate("deliver", world).stderr == "Nothing is left to deliver.\n"
    assert _lines(world) == _lines(whole_world)


@pytest.mark.parametrize("content", [None, '{"made_by": "somebody else", "files": []}'])
def test_folder_without_a_world_is_refused(tmp_path, simulate, content):
    if content is not None:
        (tmp_path / "simulation.json").write_text(content)
    run = simulate("deliver", tmp_path)
    assert (run.returncode, run.stdout) == (4, "")
    assert run.stderr == (
        f"simulator: {tmp_path} holds no world\n"
        f"  next: make a world that does: simulator generate --deliveries 5 --out {tmp_path}\n"
    )


@pytest.mark.parametrize("record", [{}, {"parameters": {"seed": 7}}, {"parameters": {"deliveries": 1}}])
def test_world_whose_logs_do_not_come_in_deliveries_is_refused(tmp_path, simulate, record):
    (tmp_path / "simulation.json").write_text(json.dumps({"made_by": "simulator", "files": []} | record))
    run = simulate("deliver", tmp_path)
    assert (run.returncode, run.stdout) == (4, "")
    assert run.stderr == (
        f"simulator: the logs of {tmp_path} do not come in deliveries, all of them are there\n"
        f"  next: make a world that does: simulator generate --deliveries 5 --out {tmp_path}\n"
    )


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("{", "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
        ("[]", "list indices must be integers or slices, not str"),
        ('{"delivered": 0}', "it has no 'deliveries'"),
        ('{"delivered": 0, "deliveries": []}', "no delivery is in it"),
        (
            '{"delivered": 0, "deliveries": [[{"what": "place", "file": "a", "source": "b"}]]}',
            "the content b is missing",
        ),
    ],
)
def test_damaged_plan_is_refused_and_nothing_is_written(tmp_path, simulate, content, reason):
    record = {"made_by": "simulator", "files": [], "parameters": {"deliveries": 2}}
    (tmp_path / "simulation.json").write_text(json.dumps(record))
    (tmp_path / "pending").mkdir()
    plan = tmp_path / "pending" / "plan.json"
    plan.write_text(content)
    run = simulate("deliver", tmp_path)
    assert (run.returncode, run.stdout) == (4, "")
    assert run.stderr == (
        f"simulator: {plan} is damaged: {reason}\n"
        f"  next: make the world anew: simulator generate --deliveries 5 --out {tmp_path}\n"
    )
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["pending", "plan.json", "simulation.json"]


def test_log_folder_that_is_missing_is_made_for_the_first_delivery_and_refused_later(small, simulate):
    folder = small("world", "--deliveries", 3).path
    (folder / "logs").rmdir()
    assert simulate("deliver", folder).returncode == 0
    shutil.rmtree(folder / "logs")
    run = simulate("deliver", folder)
    assert run.returncode == 4
    assert f"{folder / 'logs'} is missing, though deliveries have come into it\n  next: make" in run.stderr


def _lines(world):
    return Counter(line for path in (world / "logs").iterdir() for line in _read(path).splitlines())


def _read(path):
    content = path.read_bytes()
    return gzip.decompress(content) if path.suffix == ".gz" else content


def _inodes(world):
    return {path: path.stat().st_ino for path in (world / "logs").iterdir()}


def _states(world):
    return {path: (path.stat().st_ino, path.stat().st_mtime_ns) for path in world.rglob("*")}
