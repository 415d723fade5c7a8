"""What a newcomer does: clone, `make demo`, and once more, with an environment that holds next to nothing."""

import os
import subprocess
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.long
def test_demo_in_a_fresh_clone_twice_gives_the_same_table_and_loads_nothing_twice():
    with tempfile.TemporaryDirectory() as name:
        clone = Path(name) / "clone"
        subprocess.run(["git", "clone", "--quiet", ROOT, clone], check=True)
        environment = {"HOME": name, "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"}
        if os.geteuid() != 0:
            environment["XDG_STATE_HOME"] = name

        def make(target: str) -> subprocess.CompletedProcess[str]:
            return subprocess.run(
                ["make", target], cwd=clone, env=environment, timeout=900, check=False, capture_output=True, text=True
            )

        try:
            first, second = make("demo"), make("demo")
        finally:
            subprocess.run(
                [clone / ".venv/bin/loader", "db", "destroy", "--yes"], cwd=clone, env=environment, check=True
            )
        assert first.returncode == 0, first.stderr
        assert second.returncode == 0, second.stderr
        assert " 0 loaded, 0 rejected" in second.stderr

        def table(made: subprocess.CompletedProcess[str]) -> list[str]:
            return [line for line in made.stdout.splitlines() if line.startswith("│")]

        assert len(table(first)) == 14
        assert table(first) == table(second)
