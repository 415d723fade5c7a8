"""Many loaders from one start: a helper process imports the command once and forks itself for each run.

A run is a process of its own that does what ``python -m loader`` does, and can be killed like it, without the third
of a second that the start takes: most kills hit it at work. As a program (started by :class:`LoaderForks`): JSON
requests on stdin, and a JSON line on stdout when a run has begun and when it has ended.
"""

import gc
import json
import os
import selectors
import signal
import subprocess
import sys
import time
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

STOPS = {signal.SIGINT, signal.SIGTERM}


@dataclass
class Running:
    """A run. code: exit code, the negative number of the signal that killed it, or None while it runs."""

    arguments: tuple[str, ...]
    output: Path
    process_id: int = 0
    code: int | None = None
    signals: list[signal.Signals] = field(default_factory=list)

    def kill(self, number: signal.Signals) -> None:
        """Send it a signal; nothing if it has ended already."""
        self.signals.append(number)
        try:
            os.kill(self.process_id, number)
        except ProcessLookupError:
            self.signals.pop()


class LoaderForks:
    """The helper's client. folder: for what the runs print."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._runs: dict[int, Running] = {}
        self._process = subprocess.Popen([sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        for run in self._runs.values():
            if run.code is None and run.process_id:
                run.kill(signal.SIGKILL)
        self._process.stdin.close()  # type: ignore[union-attr]
        self._process.wait()
        self._process.stdout.close()  # type: ignore[union-attr]

    def start(self, *arguments: str, env: dict[str, str]) -> Running:
        """Begin a run and return when it has a process."""
        number = len(self._runs) + 1
        run = self._runs[number] = Running(arguments, self._folder / f"{number}.txt")
        run.output.touch()
        request = {"number": number, "arguments": arguments, "env": env, "output": str(run.output)}
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(request).encode() + b"\n")
        self._process.stdin.flush()
        while not run.process_id:
            self._hear()
        return run

    def hear(self, seconds: float) -> bool:
        """Take in what has ended, for so long at most; whether there was something."""
        until = time.monotonic() + max(seconds, 0)
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)  # type: ignore[arg-type]
            if not selector.select(max(until - time.monotonic(), 0)):
                return False
        self._hear()
        return True

    def _hear(self) -> None:
        line = _line_of(self._process.stdout.fileno())  # type: ignore[union-attr]
        run = self._runs[line["number"]]
        run.process_id = line.get("process_id", run.process_id)
        run.code = line.get("code")


def _line_of(descriptor: int) -> dict[str, Any]:
    """One line, and nothing behind it, so that a selector knows whether there is more."""
    line = b""
    while not line.endswith(b"\n"):
        piece = os.read(descriptor, 1)
        assert piece, "the helper has ended"
        line += piece
    found: dict[str, Any] = json.loads(line)
    return found


def _serve() -> None:
    import loader.cli
    import loader.follow  # noqa: F401

    gc.collect()
    gc.freeze()
    with selectors.DefaultSelector() as selector:
        selector.register(sys.stdin, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.fileobj is sys.stdin:
                    request = sys.stdin.readline()
                    if not request:
                        return
                    _begin(json.loads(request), selector)
                else:
                    _bury(key, selector)


def _begin(request: dict[str, Any], selector: selectors.BaseSelector) -> None:
    # What comes before the command has its own handlers waits for it.
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)
    process_id = os.fork()
    if process_id == 0:
        _run(request)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)
    print(json.dumps({"number": request["number"], "process_id": process_id}), flush=True)
    selector.register(os.pidfd_open(process_id), selectors.EVENT_READ, (request["number"], process_id))


def _bury(key: selectors.SelectorKey, selector: selectors.BaseSelector) -> None:
    number, process_id = key.data
    code = os.waitstatus_to_exitcode(os.waitpid(process_id, 0)[1])
    selector.unregister(key.fileobj)
    os.close(key.fd)
    print(json.dumps({"number": number, "code": code}), flush=True)


def _run(request: dict[str, Any]) -> None:
    """In the new process: the command, and its end."""
    code = 1
    try:
        nothing = os.open(os.devnull, os.O_RDONLY)
        output = os.open(request["output"], os.O_WRONLY | os.O_CREAT)
        for target, source in ((0, nothing), (1, output), (2, output)):
            os.dup2(source, target)
        os.closerange(3, 1_000)
        os.environ.clear()
        os.environ.update(request["env"])
        sys.argv = ["loader", *request["arguments"]]
        signal.signal(signal.SIGINT, signal.default_int_handler)
        from loader.__main__ import main

        try:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)
        except KeyboardInterrupt:
            sys.exit(130)  # as where it interrupts the command's imports
        main()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    _serve()
