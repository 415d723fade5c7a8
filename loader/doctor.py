"""What can be wrong around a loader, looked at without changing anything: a finding per question."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from .connection import Embedded, External
from .discovery import find_files
from .dotenv import read_dotenv
from .errors import LoaderError
from .project import Project

_GIB = 1024**3
_DBT_SECONDS = 120
_OLDEST_SERVER = 150_000
_CLOCK_WARNS, _CLOCK_FAILS = 5.0, 300.0

Level = Literal["ok", "warn", "fail"]


@dataclass(frozen=True, slots=True)
class Finding:
    """The answer to one question. ``next_step`` is empty where nothing is to be done."""

    level: Level
    check: str
    what: str
    next_step: str = ""

    def __str__(self) -> str:
        return f"{self.level:<4}  {self.check}: {self.what}" + (f"  next: {self.next_step}" if self.next_step else "")


def failed(check: str, error: LoaderError) -> Finding:
    """An error as a finding."""
    return Finding("fail", check, error.what, error.next_step)


def judged_room(free: int, total: int, place: Path) -> Finding:
    """free, total: bytes of the file system."""
    what = f"{free / _GIB:.1f} GiB of {total / _GIB:.1f} are free in {place}"
    if free < _GIB:
        return Finding("fail", "disk", what, "make room; the server stops when the disk is full")
    if free < max(5 * _GIB, total // 20):
        return Finding("warn", "disk", what, "make room, or prune: loader prune --older-than 90d")
    return Finding("ok", "disk", what)


def judged_tls(mode: str, *, is_encrypted: bool, is_local: bool) -> Finding:
    """mode: the ``sslmode`` of the connection."""
    if is_encrypted and mode == "verify-full":
        return Finding("ok", "tls", "in use, and the server's certificate is checked")
    if is_local:
        return Finding("ok", "tls", f"{'in use' if is_encrypted else 'none'}, and the server is on this machine")
    next_step = "ask for it in DATABASE_URL: ?sslmode=verify-full&sslrootcert=/path/to/ca.pem"
    if is_encrypted:
        return Finding("warn", "tls", f"in use, but with sslmode={mode} anyone may pose as the server", next_step)
    return Finding("warn", "tls", "none: whoever listens on the network reads all lines", next_step)


def judged_server(number: int) -> Finding:
    """number: libpq's, such as 150018."""
    what = f"PostgreSQL {number // 10_000}.{number % 10_000}"
    if number < _OLDEST_SERVER:
        return Finding("fail", "server", f"{what} is too old", "use PostgreSQL 15 or later")
    return Finding("ok", "server", what)


def judged_clock(difference: float) -> Finding:
    """difference: seconds by which the server's clock is ahead."""
    what = f"the server's is {abs(difference):.1f} s {'ahead of' if difference > 0 else 'behind'} this machine's"
    next_step = "let both follow an NTP server: days of loads are the server's, times of events the machines'"
    if abs(difference) > _CLOCK_FAILS:
        return Finding("fail", "clock", what, next_step)
    if abs(difference) > _CLOCK_WARNS:
        return Finding("warn", "clock", what, next_step)
    return Finding("ok", "clock", what)


def look_at_disk(target: External | Embedded) -> Finding:
    """Room where the embedded server keeps its data; that of another server only its own machine can tell."""
    if isinstance(target, External):
        return Finding("ok", "disk", "the server's own matter: the database is not the embedded one")
    state = target.server.state
    try:
        room = shutil.disk_usage(state)
    except OSError as error:
        return Finding("fail", "disk", f"{state} cannot be looked at: {error.strerror}", "check the rights on it")
    return judged_room(room.free, room.total, state)


def look_at_logs(paths: Iterable[Path]) -> Finding:
    """Whether the log files can be found and opened."""
    paths = list(paths)
    if not paths:
        return Finding("ok", "logs", "no path was given, none was looked at")
    try:
        files, errors = find_files(paths)
    except LoaderError as error:
        return failed("logs", error)
    closed = [log_file.path for log_file in files if not os.access(log_file.path, os.R_OK)]
    if errors:
        return failed("logs", errors[0])
    if closed:
        return Finding(
            "fail",
            "logs",
            f"{len(closed)} log files may not be read, such as {closed[0]}",
            "give this user the right",
        )
    return Finding("ok", "logs", f"{len(files)} log files, {sum(log_file.size for log_file in files)} bytes")


def look_at_parameters(project: Project, environment: Mapping[str, str]) -> Finding:
    """Whether the folder of the parameter seeds holds the files that the project has itself."""
    if not project.is_dbt_project:
        return Finding("ok", "parameters", f"{project.root} is no dbt project, none are read")
    own = project.root / "seeds" / "parameters"
    chosen = environment.get("WAREHOUSE_PARAMETERS") or read_dotenv(project.root).get("WAREHOUSE_PARAMETERS") or ""
    folder = project.root / chosen if chosen else own
    missing = sorted(path.name for path in own.glob("*.csv") if not (folder / path.name).is_file())
    if missing:
        return Finding("fail", "parameters", f"{folder} lacks {', '.join(missing)}", f"copy it from {own}")
    return Finding("ok", "parameters", f"all files are in {folder}")


def look_at_dbt(project: Project, environment: Mapping[str, str], server: Mapping[str, str]) -> Finding:
    """Whether dbt, by its profile, reaches the same database; asked of dbt itself, which takes seconds.

    server: host, port and dbname of the loader's own connection.
    """
    program = Path(sys.executable).with_name("dbt")
    found = str(program) if program.exists() else shutil.which("dbt", path=environment.get("PATH"))
    if not project.is_dbt_project or found is None:
        what = "dbt is not installed here" if found is None else f"{project.root} is no dbt project"
        return Finding("ok", "dbt", f"{what}, nothing was asked")
    with tempfile.TemporaryDirectory() as folder:
        try:
            done = subprocess.run(
                [found, "--no-use-colors", "debug", "--connection", "--project-dir", project.root,
                 "--profiles-dir", project.root, "--log-path", folder],
                cwd=project.root, env={**environment, "DBT_TARGET_PATH": folder}, check=False, capture_output=True,
                text=True, stdin=subprocess.DEVNULL, timeout=_DBT_SECONDS,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return Finding("fail", "dbt", f"dbt did not connect within {_DBT_SECONDS} s", "see why: dbt debug")
    said = dict(_named_values(done.stdout))
    theirs = {"host": said.get("host"), "port": said.get("port"), "dbname": said.get("database")}
    what = f"dbt's profile says {theirs['host'] or '-'}:{theirs['port']}/{theirs['dbname']}"
    next_step = "see why: dbt debug"
    if "[OK connection ok]" not in done.stdout:
        return Finding("fail", "dbt", f"dbt cannot connect; {what}", next_step)
    if theirs != dict(server):
        ours = f"{server['host']}:{server['port']}/{server['dbname']}"
        next_step = "see profiles.yml; run: loader db up"
        return Finding("fail", "dbt", f"{what}, the loader's database is {ours}", next_step)
    if done.returncode:
        return Finding("fail", "dbt", f"dbt connects, but refuses the project; {what}", next_step)
    return Finding("ok", "dbt", what)


def _named_values(text: str) -> Iterator[tuple[str, str]]:
    """``name: value`` lines, also behind a time."""
    for line in text.splitlines():
        name, colon, value = line.rpartition(": ")
        if colon:
            yield name.split()[-1], value.strip()
