"""The embedded PostgreSQL server of a project: its own initdb and pg_ctl calls, loopback only, generated passwords."""

import fcntl
import json
import os
import secrets
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .account import Account
from .binaries import make_shared_folder, reachable_binaries, server_version
from .errors import ServerError

HOST = "127.0.0.1"
DATABASE = "support_warehouse"
OWNER = "postgres"
_START_SECONDS = 60
_PORT_ATTEMPTS = 5
_STOP_AFTER_SECONDS = 60

# The log must never hold a log line: no context, no detail, no failing statement.
_SETTINGS = """
# settings of the loader
shared_buffers = {cache_mb}MB
work_mem = 32MB
max_wal_size = 4GB
checkpoint_timeout = 15min
wal_level = minimal
max_wal_senders = 0
unix_socket_directories = ''
timezone = 'UTC'
log_timezone = 'UTC'
log_error_verbosity = terse
log_min_error_statement = panic
"""


def cache_mb(memory: float) -> int:
    """MiB that the server takes for its own cache of so many bytes of memory: an eighth, between 128 and 1,024."""
    return int(max(128, min(1024, memory / 8 / 2**20)))


def memory_bytes(limit: Path = Path("/sys/fs/cgroup/memory.max")) -> int:
    """The machine's memory, or what the container or unit may take of it. limit: the file of its control group."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    allowed = limit.read_text().strip() if limit.is_file() else "max"
    return min(memory, int(allowed)) if allowed.isdecimal() else memory


class Server:
    """The server whose data and credentials are in the folder ``state``.

    state: made if absent, with a mode that lets others pass but not look; one that exists keeps its mode.
    binaries: ``bin`` folder of the PostgreSQL to use.
    account: who the server runs as.
    """

    def __init__(self, state: Path, binaries: Path, account: Account) -> None:
        self.state = state
        self._binaries = binaries
        self._account = account
        self._data = state / "data"
        self._log = state / "server.log"

    def up(self) -> bool:
        """Start the server if it does not run; make it first if it does not exist. True if it was started."""
        self._make_state_folder()
        with self._locked():
            if self.port() is not None:
                return False
            binaries = reachable_binaries(self._binaries, self._account)
            if not self._data.exists():
                self._create(binaries)
            self._check_version(binaries)
            self._remove_stale_pid_file()
            self._start(binaries)
            return True

    def down(self) -> bool:
        """Stop the server, ending its sessions. True if it ran."""
        if not self._data.exists():
            return False
        with self._locked():
            if self.port() is None:
                return False
            binaries = reachable_binaries(self._binaries, self._account)
            done = self._account.run(
                [binaries / "pg_ctl", "stop", "-D", self._data, "-m", "fast", "-w", "-t", str(_STOP_AFTER_SECONDS)]
            )
            if done.returncode:
                raise ServerError(f"the embedded server does not stop: {done.stdout.strip()}", f"see {self._log}")
            return True

    def destroy(self) -> bool:
        """Stop the server and delete its data and credentials. True if there was something."""
        self.down()
        if not self.state.exists():
            return False
        with self._locked():
            for path in (self._data, self._draft):
                shutil.rmtree(path, ignore_errors=True)
            for path in (self._log, self._credentials, self._port_file):
                path.unlink(missing_ok=True)
        return True

    def port(self) -> int | None:
        """The port it listens on, or None if it does not run."""
        pid_file = self._pid_file()
        if pid_file is None or not self._is_ours(pid_file[0]):
            return None
        port = pid_file[1]
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.settimeout(5)
            return port if probe.connect_ex((HOST, port)) == 0 else None

    def password(self, role: str) -> str:
        """The generated password of a role. Raises ServerError if the credentials cannot be read."""
        try:
            passwords: dict[str, str] = json.loads(self._credentials.read_text())
            return passwords[role]
        except (OSError, ValueError, KeyError):
            raise ServerError(
                f"the credentials of the embedded server in {self._credentials} cannot be read",
                "run the command as the user who made the server, or start anew with: loader db destroy",
            ) from None

    @property
    def _credentials(self) -> Path:
        return self.state / "credentials.json"

    @property
    def _port_file(self) -> Path:
        return self.state / "port"

    @property
    def _draft(self) -> Path:
        return self.state / "data.new"

    def _make_state_folder(self) -> None:
        try:
            if not self.state.exists():
                if self._account.is_other:
                    make_shared_folder(self.state.parent)
                else:
                    self.state.parent.mkdir(parents=True, exist_ok=True)
                self.state.mkdir(exist_ok=True)
                self.state.chmod(0o711 if self._account.is_other else 0o700)
        except OSError as error:
            raise ServerError(
                f"the folder {self.state} for the embedded server cannot be made: {error.strerror}",
                "set LOADER_STATE_DIR to a folder that you may write",
            ) from None
        closed = self._account.closed_folder(self.state)
        if closed is not None:
            raise ServerError(
                f"the embedded server's account may not enter {closed}, on the way to its data in {self.state}",
                "set LOADER_STATE_DIR to a folder that other users can reach, such as one below /var/lib",
            )

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One command at a time may start, stop or make the server."""
        try:
            lock = (self.state / "lock").open("w")
        except OSError as error:
            raise ServerError(
                f"the embedded server's folder {self.state} cannot be used: {error.strerror}",
                "run the command as the user who made the server, or set LOADER_STATE_DIR to a folder of your own",
            ) from None
        with lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _create(self, binaries: Path) -> None:
        """Make the data folder under another name and move it into place, so that a broken attempt is never used."""
        roles = (OWNER, "loader", "transformer", "reader")
        passwords = {role: secrets.token_urlsafe(24) for role in roles}
        _write_private(self._credentials, json.dumps(passwords))
        shutil.rmtree(self._draft, ignore_errors=True)
        self._draft.mkdir(mode=0o700)
        self._account.own(self._draft)
        password_file = self.state / "password"
        _write_private(password_file, passwords[OWNER])
        self._account.own(password_file)
        try:
            done = self._account.run(
                [binaries / "initdb", "-D", self._draft, "--username", OWNER, "--pwfile", password_file,
                 "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--lc-collate=C", "--no-instructions"]
            )  # fmt: skip
        finally:
            password_file.unlink()
        if done.returncode:
            raise ServerError(f"the embedded server cannot be made: {done.stdout.strip()}", "mend what initdb names")
        with (self._draft / "postgresql.conf").open("a") as settings:
            settings.write(_SETTINGS.format(cache_mb=cache_mb(memory_bytes())))
        self._draft.rename(self._data)

    def _check_version(self, binaries: Path) -> None:
        data_version = (self._data / "PG_VERSION").read_text().strip()
        version = server_version(binaries)
        if version.split(".")[0] != data_version:
            raise ServerError(
                f"the data in {self._data} are of PostgreSQL {data_version}, the programs of {version}",
                f"set LOADER_PG_BIN to the bin folder of PostgreSQL {data_version}, "
                "or make the data anew from the logs with: loader db destroy",
            )

    def _start(self, binaries: Path) -> None:
        if not self._log.exists():
            _write_private(self._log, "")
            self._account.own(self._log)
        said = ""
        for attempt in range(_PORT_ATTEMPTS):
            port = self._free_port(prefer_last=attempt == 0)
            options = f"-c port={port} -c listen_addresses={HOST}"
            done = self._account.run(
                [binaries / "pg_ctl", "start", "-D", self._data, "-l", self._log, "-w", "-t", str(_START_SECONDS),
                 "-o", options]
            )  # fmt: skip
            if done.returncode == 0:
                self._port_file.write_text(str(port))
                return
            said = done.stdout.strip()
        raise ServerError(f"the embedded server does not start: {said}", f"see {self._log}")

    def _free_port(self, *, prefer_last: bool) -> int:
        """The port of last time if it is still free, so that addresses stay valid; else any free one."""
        last = int(self._port_file.read_text()) if prefer_last and self._port_file.exists() else 0
        for port in (last, 0):
            with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
                # As the server itself does: a port that only waits for old connections to time out is free.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind((HOST, port))
                except OSError:
                    continue
                free: int = probe.getsockname()[1]
                return free
        raise ServerError(f"there is no free port on {HOST}", "end a program that listens there")

    def _pid_file(self) -> tuple[int, int] | None:
        """Process id and port of the running server, as it wrote them; None if it did not."""
        try:
            lines = (self._data / "postmaster.pid").read_text().splitlines()
            return int(lines[0]), int(lines[3])
        except (OSError, ValueError, IndexError):
            return None

    def _is_ours(self, process_id: int) -> bool:
        """Whether the process is the server of this data folder, and not another one that got its number."""
        try:
            # Not its working folder: in a container even root may not look at that of another account's process.
            arguments = Path(f"/proc/{process_id}/cmdline").read_bytes().split(b"\0")
        except OSError:
            if Path("/proc/self").exists():
                return False
            return _is_alive(process_id)
        return os.fsencode(self._data) in arguments

    def _remove_stale_pid_file(self) -> None:
        """After a restart of the machine another process may have the number; the server would refuse to start."""
        pid_file = self._pid_file()
        if pid_file is not None and not self._is_ours(pid_file[0]):
            (self._data / "postmaster.pid").unlink(missing_ok=True)


def _is_alive(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except OSError:
        return False
    return True


def _write_private(path: Path, text: str) -> None:
    """Write a file that nobody else could read at any moment."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        stream.write(text)
