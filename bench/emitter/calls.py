"""What one call costs the caller, p50 and p99: in a burst, and at the pace of a busy product."""

import os
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter, perf_counter_ns

from ..ratio import rounds_line, spread
from .page import table
from .peers import OURS, PEERS, Call, ready

_BURST, _BURSTS = 5_000, 41
#: A thousand events a second: the caller does something else meanwhile, as the handlers of a product do.
_PACED, _PACES, _PACE_SECONDS = 500, 15, 0.001

_Costs = dict[str, list[float]]


def main() -> str:
    """Measure all ways in turn, several times; the table of medians."""
    columns: list[_Costs] = []
    for title, repetitions, events, pace in (
        ("burst", _BURSTS, _BURST, 0.0),
        ("paced", _PACES, _PACED, _PACE_SECONDS),
    ):
        ways = {name: way for (_, name), way in OURS.items()} | PEERS
        p50: _Costs = {name: [] for name in ways}
        p99: _Costs = {name: [] for name in ways}
        for _ in range(repetitions):
            for name, way in ways.items():
                with tempfile.TemporaryDirectory() as folder, ready(way, Path(folder)) as call:
                    costs = _costs(call, events, pace)
                p50[name].append(costs[len(costs) // 2])
                p99[name].append(costs[len(costs) * 99 // 100])
        columns += [p50, p99]
        print(f"{title}: {repetitions} repetitions of {events:,} events, microseconds a call", file=sys.stderr)
        for name in ways:
            print(f"  {name:30} p50 {spread(p50[name])}, p99 {spread(p99[name])}", file=sys.stderr)
        for short, name in OURS:
            print(rounds_line(f"emitter_{short}_{title}_p50_to_best_peer", p50[name], _best(p50), goal=0.5))
            print(rounds_line(f"emitter_{short}_{title}_p99_to_best_peer", p99[name], _best(p99), goal=1.0))
    head = ["microseconds a call", f"burst of {_BURST:,}: p50", "p99", f"{1 / _PACE_SECONDS:,.0f} a second: p50", "p99"]
    return table(head, [[name, *[f"{median(column[name]):.1f}" for column in columns]] for name in ways])


def _best(costs: _Costs) -> list[float]:
    return min((costs[name] for name in PEERS), key=lambda values: sorted(values)[len(values) // 2])


def _costs(call: Call, events: int, pace: float) -> list[float]:
    """The cost of each call, sorted, without that of the first ones, which open files."""
    for number in range(100):
        call(number)
    costs = []
    due = perf_counter()
    for number in range(events):
        due += pace
        while pace and perf_counter() < due:
            # As a server between two requests, it lets others work.
            os.sched_yield()
        began = perf_counter_ns()
        call(number)
        costs.append((perf_counter_ns() - began) / 1000)
    return sorted(costs)
