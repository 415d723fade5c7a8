"""The status of random threads at random instants is what a small state machine in Python says."""

import json
from bisect import bisect_right
from collections import defaultdict
from datetime import datetime, timedelta
from random import Random

import psycopg
import pytest

from loader.connection import External, connect
from loader.ingest import Options
from loader.parsing import Parser
from loader.run import ingest_paths
from tests.warehouse.hub.machine import BEGIN, instants, lines, random_history, status_at

STATUSES = {"RESOLVED", "SNOOZED", "UNSEEN", "NEED_REPLY", "OVERDUE", "WAITING_THEM"}


def check(url, fork_dbt, folder, *, count, seed, builds):
    """Build histories as of several instants, half of them loaded after the first build."""
    chance = Random(seed)
    histories = [random_history(chance) for _ in range(count)]
    written = lines(histories, chance)
    nows = sorted(BEGIN + chance.random() * timedelta(days=12) for _ in range(builds))
    halves = {nows[0]: written[: len(written) // 2], nows[-1]: written[len(written) // 2 :]}
    told = set()
    for now in nows:
        load(url, folder, halves.get(now, []))
        built = fork_dbt(url, "run", "--select", "+fct_threads", as_of=now.isoformat())
        assert built.returncode == 0, built.stdout
        if now == nows[0]:
            continue
        # Between the builds lines are missing; at the last all have come.
        known = histories if now == nows[-1] else only(histories, halves[nows[0]])
        told |= compare(url, known, now, chance)
    assert told == STATUSES


def compare(url, histories, now, chance):
    with psycopg.connect(url) as connection:
        threads = dict(connection.execute("select thread_id, status from marts.fct_threads").fetchall())
        stretches = defaultdict(list)
        for thread_id, began_at, status in connection.execute(
            "select thread_id, began_at, status from marts.fct_thread_statuses order by began_at"
        ):
            stretches[thread_id].append((began_at, status))
    expected = {f"thread-{number}": status_at(history, now) for number, history in enumerate(histories)}
    assert threads == {name: status for name, status in expected.items() if status is not None}
    told = set()
    for number, history in enumerate(histories):
        for at in instants(history, chance, 4) if history else ():
            if at <= now:
                found = at_instant(stretches[f"thread-{number}"], at)
                assert found == status_at(history, at), (at, history)
                told |= {found} - {None}
    return told


def at_instant(stretches: list[tuple[datetime, str]], at: datetime) -> str | None:
    place = bisect_right(stretches, at, key=lambda stretch: stretch[0])
    return stretches[place - 1][1] if place else None


def only(histories, loaded):
    names = {json.loads(line)["event_id"] for line in loaded}
    return [
        [step for position, step in enumerate(history) if f"thread-{number}-{position}" in names]
        for number, history in enumerate(histories)
    ]


def load(url, folder, some):
    if some:
        file = folder / f"{len(list(folder.iterdir()))}.jsonl"
        file.write_bytes(b"".join(line + b"\n" for line in some))
        with connect(External(url).parameters("loader")) as connection:
            ingest_paths(connection, [file], Parser(), Options())


def test_status_of_300_random_threads_is_that_of_a_state_machine(built_database, fork_dbt, tmp_path):
    check(built_database, fork_dbt, tmp_path, count=300, seed=1, builds=2)


@pytest.mark.long
def test_status_of_10_000_random_threads_is_that_of_a_state_machine(built_database, fork_dbt, tmp_path):
    check(built_database, fork_dbt, tmp_path, count=10_000, seed=2, builds=5)
