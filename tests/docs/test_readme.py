"""Every command that README.md and docs/operations.md show is run, in a copy of the project, on a real database."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import msgspec
import psycopg
import pytest

from emitter.events import EVENTS, Envelope

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()
# Each runs a whole life cycle of its own: CI is `make test`, and `make demo` is these commands with simulated logs.
ONLY_PARSED = {"make demo", "make test", "make setup"}


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def commands() -> list[str]:
    """The commands of all `sh` blocks, one per line or quoted string, without their comments."""
    found: list[str] = []
    for block in blocks(README, "sh"):
        for line in block.splitlines():
            if found and found[-1].count('"') % 2:
                found[-1] += "\n" + line
            else:
                found.append(re.sub(r"\s+#.*", "", line))
    return found


@pytest.fixture
def project(tmp_path):
    """A copy of the tracked and new files of the project, with its environment."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).exists():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, tmp_path / name)
    (tmp_path / ".venv").symlink_to(ROOT / ".venv")
    return tmp_path


def test_commands_of_the_readme_run_in_their_order(project, server, new_database):
    with new_database() as url:
        environment = server.environment | {"PATH": os.environ["PATH"], "DATABASE_URL": url, "LC_ALL": "C.UTF-8"}

        def bash(command: str) -> subprocess.CompletedProcess[str]:
            return subprocess.run(
                ["bash", "-c", command],
                cwd=project,
                env=environment,
                timeout=300,
                check=False,
                capture_output=True,
                text=True,
            )

        simulated = bash(".venv/bin/simulator generate --days 2 --sessions-per-day 30 --seed 5 --out logs")
        assert simulated.returncode == 0, simulated.stderr
        run = []
        for command in commands():
            if command in ONLY_PARSED:
                assert bash(f"make --dry-run {command.removeprefix('make ')}").returncode == 0
                continue
            result = bash(command)
            allowed = (0, 3) if "loader ingest" in command else (0,)
            assert result.returncode in allowed, f"{command}\n{result.stdout}{result.stderr}"
            run.append((command, result.stdout))
        assert len(run) >= 8
        printed = dict(run)
        assert "AI解决率" in printed["make report"]
        for block in blocks((ROOT / "docs/operations.md").read_text(), "sql"):
            with psycopg.connect(url) as connection:
                assert connection.execute(block).fetchall()


def test_python_of_the_readme_writes_valid_events(tmp_path):
    [code] = blocks(README, "python")
    ran = subprocess.run(
        [ROOT / ".venv/bin/python", "-c", code],
        cwd=tmp_path,
        env={"PATH": os.defpath, "PYTHONPATH": str(ROOT)},
        timeout=60,
        check=False,
        capture_output=True,
        text=True,
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
    lines = [line for path in (tmp_path / "logs").iterdir() for line in path.read_bytes().splitlines()]
    events = [msgspec.json.decode(line, type=Envelope).event for line in lines]
    for event, line in zip(events, lines, strict=True):
        msgspec.json.decode(line, type=EVENTS[event])
    assert events == ["session.start", "session.message", "session.message"]


def test_links_between_documents_lead_somewhere():
    documents = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]
    broken = [
        (document.name, link)
        for document in documents
        for link in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", document.read_text())
        if "://" not in link and not (document.parent / link).exists()
    ]
    assert broken == []


def test_every_decision_says_what_would_change_our_mind():
    pages = sorted((ROOT / "docs/decisions").glob("*.md"))
    assert pages
    assert [page.name for page in pages if "**What would change our mind.**" not in page.read_text()] == []
