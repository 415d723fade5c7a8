"""What a command costs: time, processor time of its own and of the server, memory."""

import os
import subprocess
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, sleep

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Cost:
    """Seconds from start to end, processor seconds of the command and of the server for it, the command's peak MiB."""

    seconds: float
    client_seconds: float
    server_seconds: float
    peak_mib: float
    stdout: str


def cost_of(
    command: Sequence[str | Path],
    environment: dict[str, str],
    server_process: int,
    *,
    source: Path | None = None,
    codes: tuple[int, ...] = (0,),
) -> Cost:
    """Run a command to its end. source: its stdin. SystemExit if it ends with none of ``codes``."""
    server_before = _server_seconds(server_process)
    with tempfile.TemporaryFile() as out, (source or Path(os.devnull)).open("rb") as stdin:
        began = perf_counter()
        process = subprocess.Popen([*map(str, command)], env=environment, stdin=stdin, stdout=out, stderr=out, cwd="/")
        memory = _Memory(process.pid)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        peak_mib = memory.end()
        out.seek(0)
        said = out.read().decode()
    if process.returncode not in codes:
        raise SystemExit(f"{command[0]} ended with {process.returncode}: {said}")
    client_seconds = usage.ru_utime + usage.ru_stime
    return Cost(seconds, client_seconds, _server_seconds(server_process) - server_before, peak_mib, said)


class _Memory:
    """Watches the peak of a process's memory. Not by the usage that it leaves: that begins with its parent's."""

    def __init__(self, process: int) -> None:
        self._status = Path(f"/proc/{process}/status")
        self._peak_kib = 0
        self._ended = threading.Event()
        self._watcher = threading.Thread(target=self._watch)
        self._watcher.start()

    def end(self) -> float:
        """The peak in MiB."""
        self._ended.set()
        self._watcher.join()
        return self._peak_kib / 1024

    def _watch(self) -> None:
        while not self._ended.wait(0.05):
            try:
                lines = self._status.read_text().splitlines()
            except ProcessLookupError:
                return
            self._peak_kib = max(
                [self._peak_kib, *(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))]
            )


def _server_seconds(process: int) -> float:
    """Processor seconds of all sessions of a server that have ended; waits until no session of a command is left."""
    while _has_sessions(process):
        sleep(0.01)
    # Behind the name, which may hold spaces: fields 16 and 17, times of children that were waited for.
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[13]) + int(fields[14])) / _TICKS


def _has_sessions(process: int) -> bool:
    for child in Path(f"/proc/{process}/task/{process}/children").read_text().split():
        try:
            title = Path(f"/proc/{child}/cmdline").read_bytes()
        except FileNotFoundError:
            continue
        # One that has ended and was not waited for yet has no title any more.
        if not title or b" 127.0.0.1(" in title:
            return True
    return False
