"""Processes that are ended at random moments: what they had accepted is in the files, and what is not is known.

The long form writes its report into docs/emitter-fault-proof.md.
"""

import gzip
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import msgspec
import pytest

from emitter import Envelope, SessionMessage

ROOT = Path(__file__).resolve().parents[2]
REPORT = ROOT / "docs" / "emitter-fault-proof.md"
INTERVAL = 0.05
#: Threads of the product; each may be in the middle of a call when the signal comes.
THREADS = 3
#: What a kill may take, in seconds: an interval, the time of a write, and a thread that waits for its turn on a busy
#: machine.
WINDOW_MAX = INTERVAL + 1


class _Found(msgspec.Struct):
    """The lines of one round."""

    seqs: list[int]
    events: int
    told: int
    newest: float
    torn_in_finished: int
    torn_in_open: int
    files: int

    @property
    def lost_by_seq(self) -> int:
        """What the warehouse computes."""
        return max(self.seqs, default=-1) + 1 - len(set(self.seqs))


def _read(folder: Path) -> _Found:
    found = _Found([], 0, 0, 0.0, 0, 0, 0)
    for path in sorted(folder.iterdir()) if folder.exists() else []:
        # What was being compressed; the loader knows a file and its archive by their content.
        if path.name.endswith(".part") or path.with_name(path.name + ".gz").exists():
            continue
        found.files += 1
        content = gzip.decompress(path.read_bytes()) if path.name.endswith(".gz") else path.read_bytes()
        *lines, rest = content.split(b"\n")
        if ".open." in path.name:
            found.torn_in_open += bool(rest)
        else:
            found.torn_in_finished += bool(rest)
        for line in lines:
            envelope = msgspec.json.decode(line, type=Envelope)
            found.seqs.append(envelope.seq)
            if envelope.event == "emitter.dropped":
                found.told += json.loads(line)["lines_count"]
            else:
                event = msgspec.json.decode(line, type=SessionMessage)
                assert event.session_id == f"s{event.message_length}"
                found.events += 1
                found.newest = max(found.newest, envelope.timestamp.timestamp())
    return found


class _Faults:
    """Rounds of one product, and what came of them."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        self.chance = random.Random(seed)
        self.counts: Counter[str] = Counter()
        self.kill_losses: list[int] = []
        self.kill_windows: list[float] = []

    def run(self, rounds: list[signal.Signals]) -> None:
        self.chance.shuffle(rounds)
        command = [sys.executable, Path(__file__).with_name("fault_product.py"), self.folder]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as product:
            for number, kind in enumerate(rounds):
                self._round(product, self.folder / str(number), kind)
            product.stdin.close()
        assert product.returncode == 0

    def _round(self, product: subprocess.Popen, folder: Path, kind: signal.Signals) -> None:
        overflows, chance = self.chance.random() < 0.3, self.chance
        options = {
            "flush_interval": INTERVAL,
            "rotate_bytes": chance.choice([4_000, 60_000, 10**9]),
            "compress": chance.random() < 0.3,
            "buffer_size": 60 if overflows else 10_000,
            "background": chance.random() < 0.8,
        }
        order = {
            "signal": kind,
            "seconds": chance.uniform(0, 0.25),
            "options": options,
            "burst": 100 if overflows else 10,
        }
        print(json.dumps(order), file=product.stdin, flush=True)
        done = json.loads(product.stdout.readline())
        found = _read(folder)
        dropped = done["taken"] - done["accepted"]
        self.counts += Counter(
            taken=done["taken"], events=found.events, dropped=dropped, files=found.files, torn=found.torn_in_open
        )
        context = (order, done, found.lost_by_seq, found.told, found.events)
        assert done["status"] == -kind, context
        assert found.torn_in_finished == 0, context
        assert len(found.seqs) == len(set(found.seqs)), context
        # The signal may interrupt a call: that event was not accepted yet, or not noted.
        in_flight = found.events - done["accepted"]
        if kind == signal.SIGTERM:
            assert found.torn_in_open == 0, context
            # It never waited in vain, which takes five seconds.
            assert done["ended_after"] < 4, context
            assert 0 <= in_flight <= THREADS, context
            assert dropped <= found.told <= dropped + THREADS, context
            assert found.told <= found.lost_by_seq <= found.told + THREADS, context
            self.counts["rounds with drops"] += dropped > 0
        else:
            lost = max(0, -in_flight)
            assert in_flight <= THREADS, context
            # Before the newest line nothing is missing but what was dropped.
            assert found.lost_by_seq <= dropped + THREADS, context
            assert options["background"] or lost == 0, context
            self.kill_losses.append(lost)
            if found.newest and options["background"]:
                self.kill_windows.append(done["killed_at"] - found.newest)


def _seed() -> int:
    return int(os.environ.get("FAULT_SEED", time.time_ns() % 1_000_000))


def _play(folder: Path, rounds_count: int) -> tuple[_Faults, int]:
    seed = _seed()
    print(f"FAULT_SEED={seed}")
    faults = _Faults(folder, seed)
    faults.run([signal.SIGTERM] * rounds_count + [signal.SIGKILL] * rounds_count)
    assert max(faults.kill_windows, default=0.0) <= WINDOW_MAX
    return faults, seed


def test_processes_that_are_ended_at_any_moment_lose_nothing_or_the_newest_events(tmp_path):
    faults, _ = _play(tmp_path, 20)
    assert len(faults.kill_losses) == 20


@pytest.mark.long
def test_five_hundred_ends_and_as_many_kills_lose_nothing_or_the_newest_events(tmp_path):
    began = time.monotonic()
    faults, seed = _play(tmp_path, 500)
    counts, losses, windows = faults.counts, sorted(faults.kill_losses), sorted(faults.kill_windows)
    rows = [
        ("rounds that ended by SIGTERM", 500),
        ("rounds that ended by SIGKILL", 500),
        ("events that the products logged", counts["taken"]),
        ("events in files", counts["events"]),
        ("files", counts["files"]),
        ("events dropped because the buffer was full", counts["dropped"]),
        (
            "SIGTERM: rounds with such drops, all told by gaps in `seq` and by `emitter.dropped`",
            counts["rounds with drops"],
        ),
        ("SIGTERM: accepted events that were lost", 0),
        ("SIGTERM: rounds in which the loss by `seq` is not the true loss, but for a call that was interrupted", 0),
        ("half lines in finished files", 0),
        ("SIGKILL: half lines at the end of open files", counts["torn"]),
        ("SIGKILL: accepted events lost in a round, median", losses[len(losses) // 2]),
        ("SIGKILL: accepted events lost in a round, at most", losses[-1]),
        ("SIGKILL: rounds with a gap before the newest line that is no drop", 0),
        (
            f"SIGKILL: newest line before the kill, at a flush interval of {INTERVAL * 1000:.0f} ms: median, ms",
            round(windows[len(windows) // 2] * 1000),
        ),
        ("SIGKILL: the same, at most, ms", round(windows[-1] * 1000)),
    ]
    REPORT.write_text(
        "# Fault proof of the emitter\n\n"
        "Written by `make test-long` (`tests/emitter/test_faults.py`) when it has passed. A product logs in bursts,\n"
        "with small and large buffers, with and without the thread, rotates and compresses its files, and is ended\n"
        "at a random moment.\n\n"
        "| what | count |\n|---|---:|\n"
        + "".join(f"| {name} | {count:,} |\n" for name, count in rows)
        + "\nWhat a kill takes are the newest events of a process, behind its last line: `seq` cannot show these\n"
        "([decision 0031](decisions/0031-what-seq-can-show.md)).\n\n"
        f"Seed {seed}, {time.monotonic() - began:.0f} s on {os.cpu_count()} cores.\n",
        encoding="utf-8",
    )
