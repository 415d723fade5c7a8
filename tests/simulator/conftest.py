"""Simulated worlds, and reading their logs back without any of the simulator's own code."""

import csv
import gzip
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

#: Lines of these files do not come from the simulated world, or not for the first time.
FAULTY_FILES = (
    "agent_workbench-resent.jsonl",
    "ai_chatbot-broken.jsonl",
    "ai_chatbot-resent.jsonl",
    "customer_hub-resent.jsonl",
)

#: What goes wrong in the world of ``make demo``.
DEMO_FAULTS = ("--fault", "duplicates", "--fault", "garbage", "--fault", "aliases", "--fault", "unknown")


@dataclass(frozen=True)
class Folder:
    """A world that ``simulator generate`` wrote."""

    path: Path
    faulty_files = FAULTY_FILES

    @cached_property
    def record(self) -> dict[str, Any]:
        return json.loads((self.path / "simulation.json").read_text(encoding="utf-8"))

    def table(self, name: str) -> list[dict[str, str]]:
        """A table of the truth."""
        with (self.path / "truth" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def contents(self) -> dict[str, bytes]:
        """The bytes of every file."""
        return {
            path.relative_to(self.path).as_posix(): path.read_bytes()
            for path in sorted(self.path.rglob("*"))
            if path.is_file()
        }

    @cached_property
    def raw_lines(self) -> dict[str, list[bytes]]:
        """The lines of every log file."""
        return {path.name: _read(path).splitlines() for path in sorted((self.path / "logs").glob("*.jsonl*"))}

    @cached_property
    def events(self) -> list[dict[str, Any]]:
        """Every event that the world wrote, once, in the order of time."""
        found = {}
        for name, lines in self.raw_lines.items():
            if name not in FAULTY_FILES:
                found |= {event["event_id"]: event for line in lines if (event := _event(line)) is not None}
        return sorted(found.values(), key=lambda event: (event["timestamp"], event["product"], event["seq"]))

    def named(self, *names: str) -> list[dict[str, Any]]:
        """Events by name."""
        return [event for event in self.events if event["event"] in names]


def _read(path: Path) -> bytes:
    content = path.read_bytes()
    return gzip.decompress(content) if path.suffix == ".gz" else content


def _event(line: bytes) -> dict[str, Any] | None:
    """The event of a line that an emitter wrote; None for a malformed one, which has no emitter."""
    try:
        event = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return event if isinstance(event, dict) and "emitter_id" in event else None


@pytest.fixture(scope="session")
def simulate() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs the command in a process of its own: arguments, then variables of the environment."""

    def run(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "simulator", *map(str, arguments)],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            env={**os.environ, **environment},
        )

    return run


@pytest.fixture(scope="session")
def default_run(tmp_path_factory, simulate) -> Folder:
    """The default run: 30 days of 200 sessions, and nothing goes wrong."""
    out = tmp_path_factory.mktemp("simulation") / "world"
    run = simulate("generate", "--out", out)
    assert run.returncode == 0, run.stderr
    return Folder(out)


@pytest.fixture(scope="session")
def demo_run(tmp_path_factory, simulate) -> Folder:
    """The run of ``make demo``."""
    out = tmp_path_factory.mktemp("simulation") / "demo"
    run = simulate("generate", *DEMO_FAULTS, "--out", out)
    assert run.returncode == 0, run.stderr
    return Folder(out)


@pytest.fixture
def small(tmp_path, simulate) -> Callable[..., Folder]:
    """Makes a small run: two days of 20 sessions, or what the options say."""

    def make(name: str = "world", *options: object, **environment: str) -> Folder:
        out = tmp_path / name
        run = simulate("generate", "--days", 2, "--sessions-per-day", 20, "--out", out, *options, **environment)
        assert run.returncode == 0, run.stderr
        return Folder(out)

    return make
