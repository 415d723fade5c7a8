"""A disk that is really full under the server: said so, waited for, and nothing lost or loaded twice."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.conftest import CLEAN_ENVIRONMENT, loader_command
from tests.loader.at_work import ONCE
from tests.loader.conftest import event_lines

LINES = 60_000
# A new server takes 45 MB, and its log of writes grows by 16 MB at a time; the lines below take about 40 MB more.
DISK_BYTES, ROOM_BYTES = 256 << 20, 24 << 20


@pytest.fixture
def disk() -> Iterator[Path]:
    """A file system of its own; only root may make one."""
    folder = Path(tempfile.mkdtemp(prefix="support-warehouse-tests-"))
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES},mode=0711", "tmpfs", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)
        folder.rmdir()


def fill(ballast: Path) -> None:
    """Leave ROOM_BYTES of the ballast's file system."""
    place = os.statvfs(ballast.parent)
    with ballast.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, place.f_bavail * place.f_frsize - ROOM_BYTES)


@pytest.mark.long
@pytest.mark.parametrize("makes_room_meanwhile", [False, True], ids=["run again", "waited for"])
def test_a_full_disk_is_told_and_costs_no_line(disk: Path, tmp_path: Path, makes_room_meanwhile: bool) -> None:
    environment = CLEAN_ENVIRONMENT | {"LOADER_STATE_DIR": str(disk / "state")}
    if binaries := os.environ.get("LOADER_PG_BIN"):
        environment["LOADER_PG_BIN"] = binaries
    lines = tmp_path / "a.jsonl"
    lines.write_bytes(event_lines(1, LINES))
    ballast = disk / "ballast"
    log = tmp_path / "loader.log"
    try:
        assert loader_command("init", env=environment).returncode == 0
        fill(ballast)
        if makes_room_meanwhile:
            loader = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "loader",
                    "ingest",
                    "--retry-for",
                    "300",
                    "--log-file",
                    log,
                    tmp_path / "a.jsonl",
                ],
                env=environment,
                stderr=subprocess.PIPE,
                text=True,
            )
            while "loader.retried" not in (log.read_text() if log.exists() else ""):
                assert loader.poll() is None, loader.communicate()
            ballast.unlink()
            _, words = loader.communicate(timeout=300)
            assert loader.returncode == 0, words
        else:
            full = loader_command("ingest", "--retry-for", "3", lines, env=environment, timeout=300)
            assert full.returncode == 4, full.stderr
            assert "Traceback" not in full.stderr
            assert "No space left on device" in full.stderr
            ballast.unlink()
            again = loader_command("ingest", lines, env=environment, timeout=300)
            assert again.returncode == 0, again.stderr
        with psycopg.connect(loader_command("db", "url", env=environment).stdout.strip()) as connection:
            assert connection.execute(ONCE).fetchall() == [(LINES, LINES)]
    finally:
        loader_command("db", "down", env=environment)
