"""Live views: from an event in a log to its figure, and the time of a look, at two sizes of history.

``python -m bench.live 1 10`` loads histories of so many million events, both with as many lines a day, builds facts,
and follows a log to which a new day's lines are added, and then one event after the other. The smaller history is the
latest part of the larger one.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

import psycopg

from .history import load_history, write_days
from .ratio import bound_line, ratio_line, spread
from .workplace import Workplace, workplace

_ROOT = Path(__file__).parents[1]
_EVENTS = 10
_LOOKS = 5
_VIEWS = ("overview", "channels", "agents")
_TIMEOUT_SECONDS = 120.0


def main(sizes: list[float]) -> None:
    """Sizes in millions of events, the smallest first."""
    with workplace() as place:
        days = write_days(place, round(sizes[-1] * 1e6), 1)
        looks, delays = [], []
        for size in sizes:
            url = load_history(place, f"history_{size:g}".replace(".", "_"), days.last_of_history(size / sizes[-1]))
            place.run(
                "dbt.cli.main",
                "--quiet",
                "run",
                "--target-path",
                place.folder / "target",
                folder=_ROOT,
                DATABASE_URL=url,
            )
            logs = place.folder / f"live_{size:g}"
            logs.mkdir()
            # As if it were today's: what is older when it comes is no longer live.
            day, today = days.new[0].stem.encode(), f"{datetime.now(UTC):%Y-%m-%d}".encode()
            (logs / "day.jsonl").write_bytes(days.new[0].read_bytes().replace(day, today))
            place.run("loader", "ingest", logs, DATABASE_URL=url)
            with psycopg.connect(url, autocommit=True) as connection:
                # As autovacuum does within a minute.
                connection.execute("analyze raw.events")
                with _following(place, logs, url):
                    delays.append([_delay(connection, logs / "now.jsonl", number) for number in range(_EVENTS)])
                looks.append([_look(connection) for _ in range(_LOOKS)])
            print(
                f"{size:g} million: look {spread(looks[-1])} s, event to figure {spread(delays[-1])} s", file=sys.stderr
            )
    print(ratio_line("live_look_to_that_of_small_history", looks[-1], looks[0], goal=2.0))
    print(bound_line("live_seconds_from_event_to_figure", max(delays[-1]), 5.0))


@contextmanager
def _following(place: Workplace, logs: Path, url: str) -> Iterator[None]:
    environment = place.environment | {"DATABASE_URL": url}
    command = [sys.executable, "-m", "loader", "ingest", "--follow", "--quiet", str(logs)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            yield
        finally:
            process.terminate()


def _delay(connection: psycopg.Connection[tuple[int]], log: Path, number: int) -> float:
    """Seconds until a new session is active in the overview."""
    line = (
        f'{{"event":"session.start","event_id":"live-{number}","timestamp":"{datetime.now(UTC).isoformat()}",'
        f'"product":"bench","session_id":"live-{number}","channel":"live"}}\n'
    )
    began = perf_counter()
    with log.open("a", encoding="utf-8") as stream:
        stream.write(line)
    query = "select coalesce(sum(active_sessions_count), 0)::int from marts.realtime_channels where channel = 'live'"
    while connection.execute(query).fetchall() != [(number + 1,)]:
        if perf_counter() - began > _TIMEOUT_SECONDS:
            raise SystemExit(f"event {number} is in no figure after {_TIMEOUT_SECONDS:.0f} seconds")
    return perf_counter() - began


def _look(connection: psycopg.Connection[tuple[int]]) -> float:
    """Seconds of reading all live views once."""
    began = perf_counter()
    for view in _VIEWS:
        connection.execute(f"select * from marts.realtime_{view}").fetchall()  # noqa: S608 - names of our own
    return perf_counter() - began


if __name__ == "__main__":
    main(sorted(float(size) for size in sys.argv[1:]))
