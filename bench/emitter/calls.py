"""What one call costs the caller, p50 and p99: in a burst, and at the pace of a busy product."""

import os
import sys
import tempfile
from pathlib import Path
from time import perf_counter, perf_counter_ns

from ..ratio import ratio_line, spread
from .peers import OURS, PEERS, Call, ready

_REPETITIONS = 7
_BURST = 5_000
#: A thousand events a second: the caller does something else meanwhile, as the handlers of a product do.
_PACED, _PACE_SECONDS = 1_000, 0.001

_Costs = dict[str, list[float]]


def main() -> None:
    """Measure all ways in turn, several times."""
    for title, events, pace in (("burst", _BURST, 0.0), ("paced", _PACED, _PACE_SECONDS)):
        p50: _Costs = {name: [] for name in OURS | PEERS}
        p99: _Costs = {name: [] for name in OURS | PEERS}
        for _ in range(_REPETITIONS):
            for name, way in (OURS | PEERS).items():
                with tempfile.TemporaryDirectory() as folder, ready(way, Path(folder)) as call:
                    costs = _costs(call, events, pace)
                p50[name].append(costs[len(costs) // 2])
                p99[name].append(costs[len(costs) * 99 // 100])
        print(f"{title}: {_REPETITIONS} repetitions of {events:,} events, microseconds a call", file=sys.stderr)
        for name in OURS | PEERS:
            print(f"  {name:30} p50 {spread(p50[name])}, p99 {spread(p99[name])}", file=sys.stderr)
        for name, short in (("emitter, log.emit", "emit"), ("emitter, log.info", "call")):
            print(ratio_line(f"emitter_{short}_{title}_p50_to_best_peer", p50[name], _best(p50), goal=0.5))
            print(ratio_line(f"emitter_{short}_{title}_p99_to_best_peer", p99[name], _best(p99), goal=1.0))


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
