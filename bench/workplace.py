"""A server and a folder for one benchmark, and the project's commands in them."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO


@dataclass(frozen=True)
class Workplace:
    """Runs commands beside an embedded server. folder: of all files; url: of the server's database."""

    folder: Path
    environment: dict[str, str]
    url: str = ""

    def run(
        self,
        module: str,
        *arguments: str | Path,
        codes: tuple[int, ...] = (0,),
        source: TextIO | None = None,
        folder: Path | None = None,
        **environment: str,
    ) -> str:
        """What ``python -m module`` prints to stdout. SystemExit if it ends with none of ``codes``."""
        result = subprocess.run(
            [sys.executable, "-m", module, *map(str, arguments)],
            env=self.environment | environment,
            cwd=folder or self.folder,
            check=False,
            stdin=source,
            capture_output=True,
            text=True,
        )
        if result.returncode not in codes:
            raise SystemExit(f"{module} {arguments[0]} ended with {result.returncode}: {result.stderr}{result.stdout}")
        return result.stdout


@contextmanager
def workplace() -> Iterator[Workplace]:
    """A server of its own, with generated passwords, in a folder that goes with it."""
    # Open to be entered by the account that the server runs under, as which the folder cannot be listed.
    base = Path(tempfile.mkdtemp(prefix="support-warehouse-bench-"))
    base.chmod(0o711)
    environment = {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "LOADER_STATE_DIR": str(base / "state")}
    if binaries := os.environ.get("LOADER_PG_BIN"):
        environment["LOADER_PG_BIN"] = binaries
    place = Workplace(base, environment)
    try:
        place.run("loader", "db", "up")
        yield Workplace(base, environment, place.run("loader", "db", "url").strip())
    finally:
        place.run("loader", "db", "down", codes=(0, 1, 2, 3, 4))
        shutil.rmtree(base)
