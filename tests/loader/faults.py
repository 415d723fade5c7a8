"""Killing loaders and the server at random moments while logs are written, and counting what came of the lines."""

import gzip
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import psycopg
import zstandard

from loader.account import server_account
from loader.binaries import find_binaries, reachable_binaries
from loader.connection import address
from loader.server import Server
from tests.conftest import CLEAN_ENVIRONMENT, loader_command, parsed
from tests.loader import busy_logs
from tests.loader.conftest import unaccounted
from tests.loader.letters import ALIASES_CSV
from tests.loader.loader_forks import LoaderForks, Running

_SIGNALS = (signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
# Codes of a run that a signal has ended, and of one that nobody has touched.
_STOPPED = {-signal.SIGKILL, -signal.SIGTERM, 130, 143}
_ENDED = {0, 3, 4}
_TWICE = """
select
    min(event_id), array_agg(line_number order by load_id), array_agg(load_id order by load_id),
    array_agg(source_file_id || ' ' || path || ' ' || inherited_lines order by load_id)
from raw.events inner join raw.source_files using (source_file_id)
group by event_id having count(*) > 1 order by min(line_number) limit 20
"""
#: A run that does not stop on a signal hangs.
_PATIENCE = 60.0


class Victim:
    """A database server of its own that is stopped, killed and started again. url: the owner's address."""

    def __init__(self, base: Path) -> None:
        self.environment = CLEAN_ENVIRONMENT | {"LOADER_STATE_DIR": str(base / "state")}
        if binaries := os.environ.get("LOADER_PG_BIN"):
            self.environment["LOADER_PG_BIN"] = binaries
        self._account = server_account()
        self._binaries = reachable_binaries(find_binaries(self.environment), self._account)
        self._data = base / "state" / "data"
        self._server = Server(base / "state", self._binaries, self._account)
        made = loader_command("init", env=self.environment, cwd=base)
        assert made.returncode == 0, made.stderr
        self.url = loader_command("db", "url", env=self.environment, cwd=base).stdout.strip()
        with psycopg.connect(self.url, autocommit=True) as connection:
            # Processes are killed, the machine is not.
            connection.execute("alter system set fsync = off")
            connection.execute("select pg_reload_conf()")

    def stop(self, mode: str) -> None:
        """mode: as pg_ctl knows it; immediate is a crash without a word."""
        done = self._account.run([self._binaries / "pg_ctl", "stop", "-D", self._data, "-m", mode, "-w"])
        assert done.returncode == 0, done.stdout

    def up(self) -> None:
        self._server.up()
        # Another program may have taken the port meanwhile.
        self.url = address(parsed(self.url) | {"port": str(self._server.port())})

    def kill_a_backend(self, chance: random.Random) -> bool:
        """SIGKILL a loader's session on the server, which then ends all sessions; False if there is none."""
        with suppress(psycopg.OperationalError, ProcessLookupError):
            sessions = self.ask("select pid from pg_stat_activity where application_name = 'loader'")
            if sessions:
                os.kill(chance.choice(sessions)[0], signal.SIGKILL)
                return True
        return False

    def ask(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """All rows of a query, as the owner."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            return connection.execute(query, values or None).fetchall()


@dataclass
class _Slot:
    """A place for one loader at a time. kill_at: when to send it a signal; stopped_at: when that was."""

    is_retry: bool
    run: Running | None = None
    kill_at: float | None = None
    stopped_at: float = 0.0


@dataclass
class Faults:
    """A run of kills. numbers: what was done; written: what the writer says; troubles: what must not happen."""

    victim: Victim
    forks: LoaderForks
    folder: Path
    chance: random.Random
    numbers: Counter[str] = field(default_factory=Counter)
    written: dict[str, int] = field(default_factory=dict)
    troubles: list[str] = field(default_factory=list)
    _slots: list[_Slot] = field(default_factory=lambda: [_Slot(False), _Slot(False), _Slot(True)])

    @classmethod
    @contextmanager
    def ready(cls, seed: int) -> Iterator[Self]:
        """A server, a folder of logs and a helper, gone at the end."""
        # Not pytest's tmp_path: it is closed to the account that the server runs under when the tests run as root.
        base = Path(tempfile.mkdtemp(prefix="support-warehouse-faults-"))
        base.chmod(0o711)
        with ExitStack() as stack:
            stack.callback(shutil.rmtree, base)
            for name in ("logs", "output"):
                (base / name).mkdir()
            (base / "strict.csv").write_text(ALIASES_CSV)
            victim = Victim(base)
            stack.callback(loader_command, "db", "down", env=victim.environment, cwd=base)
            forks = stack.enter_context(LoaderForks(base / "output"))
            yield cls(victim, forks, base, random.Random(seed))

    @property
    def kills(self) -> int:
        """Processes that were stopped by a signal, and stops of the server."""
        return sum(count for name, count in self.numbers.items() if name.startswith("kill: "))

    def play(self, kills: int, seed: int) -> None:
        """Kill so often while a writer writes; then let everything come to its end."""
        with subprocess.Popen(
            [sys.executable, busy_logs.__file__, str(self.folder / "logs"), str(seed)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as writer:
            try:
                self._kill(kills)
            finally:
                words, _ = writer.communicate()
        self.written = json.loads(words)
        self.victim.up()
        for slot in self._slots:
            self._let_end(slot)

    def _kill(self, kills: int) -> None:
        is_up, next_fault = True, time.monotonic() + self.chance.uniform(0, 3)
        while self.kills < kills and not self.troubles:
            for slot in self._slots:
                if slot.run is None:
                    self._start(slot)
            now = time.monotonic()
            if now >= next_fault:
                is_up = self._harm_the_server() if is_up else self._help_the_server()
                next_fault = time.monotonic() + (self.chance.uniform(0.5, 4) if is_up else self.chance.uniform(0, 1))
            self.forks.hear(
                min([next_fault, *(slot.kill_at for slot in self._slots if slot.kill_at)]) - time.monotonic()
            )
            for slot in self._slots:
                self._look_at(slot)

    def _start(self, slot: _Slot) -> None:
        chance, env = self.chance, CLEAN_ENVIRONMENT | {"DATABASE_URL": self.victim.url}
        delay = chance.uniform(0, 0.2)
        if slot.is_retry:
            arguments = ["dead-letters", "retry", "--all"]
        else:
            env["LOADER_EVENT_ALIASES"] = str(self.folder / "strict.csv")
            arguments = ["ingest", str(self.folder / "logs"), "--batch-lines", str(chance.choice((10, 100, 20_000)))]
            kind = chance.random()
            if kind < 0.05:
                arguments, delay = [*arguments, "--follow"], chance.uniform(0, 2)
            elif kind < 0.1:
                arguments, delay = [*arguments, "--jobs", "2"], chance.uniform(0, 2)
            elif kind < 0.2:
                arguments += ["--retry-for", "0"]
            elif kind < 0.25:
                arguments += ["--verify"]
        slot.run = self.forks.start(*arguments, env=env)
        is_spared = chance.random() < 0.2 and "--follow" not in arguments
        slot.kill_at = None if is_spared else time.monotonic() + delay
        self.numbers["runs"] += 1

    def _look_at(self, slot: _Slot) -> None:
        """Take in the end of a run, or send it its signal when it is time."""
        run, now = slot.run, time.monotonic()
        if run is None:
            return
        if run.code is not None:
            self._note_end(run)
            slot.run, slot.kill_at = None, None
        elif slot.kill_at and now >= slot.kill_at:
            self.numbers["a batch was open"] += self._is_batch_open()
            run.kill(self.chance.choice(_SIGNALS))
            slot.kill_at, slot.stopped_at = None, now
        elif run.signals and now > slot.stopped_at + _PATIENCE:
            self.troubles.append(f"does not stop: {self._told(run)}")

    def _note_end(self, run: Running) -> None:
        is_stopped = bool(run.signals) and (run.code in _STOPPED or "--follow" in run.arguments)
        if is_stopped:
            self.numbers[f"kill: {run.signals[0].name}"] += 1
        else:
            self.numbers["runs that came to their end"] += 1
        if run.code not in _ENDED | (_STOPPED if run.signals else set()) or "Traceback" in run.output.read_text():
            self.troubles.append(self._told(run))
        run.output.unlink()

    def _is_batch_open(self) -> bool:
        with suppress(psycopg.OperationalError):
            return bool(
                self.victim.ask(
                    "select from pg_stat_activity where application_name = 'loader' and xact_start is not null"
                )
            )
        return False

    def _harm_the_server(self) -> bool:
        """Returns whether it is up again."""
        kind = self.chance.choice(("immediate stop", "immediate stop", "restart", "killed session"))
        if kind == "killed session":
            self.numbers["kill: SIGKILL of a session of the server"] += self.victim.kill_a_backend(self.chance)
            return True
        self.victim.stop("immediate" if kind == "immediate stop" else "fast")
        self.numbers[f"kill: {kind} of the server"] += 1
        return False

    def _help_the_server(self) -> bool:
        self.victim.up()
        return True

    def _let_end(self, slot: _Slot) -> None:
        run = slot.run
        if run is None:
            return
        if "--follow" in run.arguments:
            run.kill(signal.SIGTERM)
        until = time.monotonic() + 2 * _PATIENCE
        while run.code is None:
            assert time.monotonic() < until, f"does not end: {self._told(run)}"
            self.forks.hear(1)
        self._note_end(run)

    def _told(self, run: Running) -> str:
        words = run.output.read_text()[-3_000:] if run.output.exists() else ""
        signals = ", ".join(number.name for number in run.signals)
        return f"{' '.join(run.arguments)}: code {run.code} after {signals or 'no signal'}\n{words}"

    def finish(self) -> None:
        """What the next cron run does: load what is left, by the real command, and retry what the rules take by now."""
        env = CLEAN_ENVIRONMENT | {"DATABASE_URL": self.victim.url}
        strict = env | {"LOADER_EVENT_ALIASES": str(self.folder / "strict.csv")}
        said = loader_command("ingest", self.folder / "logs", env=strict, timeout=600)
        assert said.returncode in {0, 3}, said.stderr
        again = loader_command("ingest", self.folder / "logs", "--json", env=strict, timeout=600)
        assert (again.returncode, json.loads(again.stdout)["lines_read"]) == (0, 0), again.stderr
        retried = loader_command("dead-letters", "retry", "--all", env=env, timeout=600)
        assert retried.returncode in {0, 3}, retried.stderr

    def found(self) -> dict[str, Any]:
        """What is in the database, to be compared with :meth:`expected`."""
        ask = self.victim.ask
        [(events, ids)] = ask("select count(*), count(distinct event_id) from raw.events")
        [(letters, lines)] = ask("select count(*), count(distinct line) from raw.dead_letters where state = 'new'")
        [(numbers,)] = ask(
            "select count(distinct cast(substr(event_id, 7) as bigint)) from raw.events"
            " where cast(substr(event_id, 7) as bigint) between 1 and %s",
            sum(self.written[kind] for kind in ("good", "later", "bad")),
        )
        files = ask("select path, lines_consumed from raw.source_files order by path")
        return {
            "events": (events, ids, numbers),
            "dead letters": (letters, lines),
            "loaded twice": ask(_TWICE),
            "unaccounted files": unaccounted(ask),
            "lines of files": [(path, lines) for path, lines in files],
        }

    def expected(self) -> dict[str, Any]:
        events = self.written["good"] + self.written["later"]
        paths = [path for (path,) in self.victim.ask("select path from raw.source_files order by path")]
        return {
            "events": (events,) * 3,
            "dead letters": (self.written["bad"],) * 2,
            "loaded twice": [],
            "unaccounted files": [],
            "lines of files": [(path, _lines_of(Path(path))) for path in paths],
        }


def _lines_of(path: Path) -> int:
    """Complete lines of a file, counted without the loader."""
    content = path.read_bytes()
    if path.suffix == ".gz":
        content = gzip.decompress(content)
    elif path.suffix == ".zst":
        content = zstandard.decompress(content)
    return content.count(b"\n")
