"""What promises to customers cost: everything about tickets and SLA, built from nothing for more and more of them.

``python -m bench.sla 10000 100000 1000000`` lets so many tickets happen, in SQL straight into the built lines
(staging.base_event_lines), and times ``dbt run`` of the models behind them, three times each in turn. Each ticket has
some ten events, in two years of history: creation, assignment, answers, pending, solved, closed, and some a question
of the customer, a change of priority or a reopening. stderr names the slowest models, and the nodes of the plan in
which the dominant ones spend their time.
"""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from shutil import copytree
from time import perf_counter

import psycopg

from .ratio import ratio_line, spread
from .workplace import Workplace, workplace

_ROOT = Path(__file__).parents[1]
_PROJECT = ("dbt_project.yml", "profiles.yml", "selectors.yml", "models", "seeds", "dbt_project")
_AS_OF = "2026-11-01T00:00:00+00:00"
_REPETITIONS = 3
#: Behind the lines: the ledger, the steps, the clocks, the history, the facts and the days.
_MODELS = (
    "int_tickets_touched", "int_ticket_days_touched", "int_tickets_created",
    "int_ticket_steps_followed", "int_ticket_clocks_driven", "int_ticket_clocks_promised", "int_ticket_clocks_summed",
    "int_tickets_worked",
    "int_ticket_stretches_timed", "fct_ticket_sla", "fct_ticket_sla_segments", "fct_ticket_history", "fct_tickets",
    "int_ticket_sla_counted_daily", "int_ticket_backlog_counted_daily", "int_tickets_counted_daily",
    "ticket_sla_daily", "ticket_backlog_daily", "ticket_resolution_monthly",
)  # fmt: skip
#: The events of a ticket: minutes since its creation, event, payload, and of which tickets (every n-th).
_EVENTS = (
    (0, "ticket.created", '{"source": "email", "type": "delivery", "priority": "normal"}', 1),
    (5, "ticket.assigned", '{"to_agent_id": "a-01"}', 1),
    (30, "ticket.status_changed", '{"from_status": "new", "to_status": "open", "agent_id": "a-01"}', 1),
    (31, "ticket.replied", '{"author": "agent", "agent_id": "a-01"}', 1),
    (90, "ticket.priority_changed", '{"from_priority": "normal", "to_priority": "high"}', 10),
    (200, "ticket.replied", '{"author": "customer"}', 3),
    (260, "ticket.replied", '{"author": "agent", "agent_id": "a-01"}', 1),
    (262, "ticket.status_changed", '{"from_status": "open", "to_status": "pending", "agent_id": "a-01"}', 1),
    (1500, "ticket.status_changed", '{"from_status": "pending", "to_status": "open"}', 1),
    (1700, "ticket.status_changed", '{"from_status": "open", "to_status": "solved", "agent_id": "a-01"}', 1),
    (1900, "ticket.status_changed", '{"from_status": "solved", "to_status": "open"}', 10),
    (2100, "ticket.status_changed", '{"from_status": "open", "to_status": "solved", "agent_id": "a-01"}', 10),
    (4000, "ticket.closed", '{"resolution_duration_hours": 28, "sla_met": true}', 1),
)
_HAPPEN = """
insert into staging.base_event_lines (
    event_id, event, event_as_written, occurred_at, product, tenant_id, schema_version, emitter_id, seq, ticket_id,
    agent_id, payload, is_known_event, is_complete, load_id, source_file_id, line_number, copy_number, build_id
)
select
    'e-' || ticket || '-' || step.number, step.event, step.event,
    timestamptz '2024-10-28 00:00:00Z' + cast(ticket as double precision) / %(tickets)s * interval '63072000 seconds'
    + step.minutes * interval '1 minute',
    'bench', 'default', 1, 'bench', 20 * cast(ticket as bigint) + step.number, 't-' || ticket,
    step.payload ->> 'agent_id', step.payload, true, true, 1, 1, 20 * cast(ticket as bigint) + step.number, 1, 1
from generate_series(1, %(tickets)s) as ticket
cross join (
    select number, minutes, event, cast(payload as jsonb) as payload, every
    from unnest(%(numbers)s::int[], %(minutes)s::int[], %(events)s::text[], %(payloads)s::text[], %(every)s::int[])
        as steps (number, minutes, event, payload, every)
) as step
where ticket %% step.every = 0
"""


class Desk:
    """A database with so many tickets, and a copy of the project to build them with."""

    def __init__(self, place: Workplace, tickets: int) -> None:
        self.tickets = tickets
        self._place = place
        self.url = f"{place.url.rpartition('/')[0]}/tickets_{tickets}"
        self._project = place.folder / f"project_{tickets}"
        with psycopg.connect(place.url, autocommit=True) as connection:
            connection.execute(f"create database tickets_{tickets}")
        place.run("loader", "init", DATABASE_URL=self.url)
        self._project.mkdir()
        for part in _PROJECT:
            if (_ROOT / part).is_dir():
                copytree(_ROOT / part, self._project / part)
            else:
                (self._project / part).write_bytes((_ROOT / part).read_bytes())
        # All tables, without a row but for the parameters.
        self.dbt("build", "--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")
        self._happen()

    def dbt(self, *arguments: str) -> float:
        """Seconds of a dbt command."""
        began = perf_counter()
        variables = json.dumps({"as_of": _AS_OF})
        command = ("--quiet", *arguments, "--vars", variables)
        self._place.run("dbt.cli.main", *command, folder=self._project, DATABASE_URL=self.url)
        return perf_counter() - began

    def build(self) -> dict[str, float]:
        """Seconds of each model, built from nothing; without dbt's own start."""
        self.dbt("run", "--full-refresh", "--threads", "1", "--select", *_MODELS)
        results = json.loads((self._project / "target" / "run_results.json").read_text())["results"]
        return {result["unique_id"].split(".")[-1]: float(result["execution_time"]) for result in results}

    def plan(self, model: str) -> Iterator[tuple[float, str]]:
        """Seconds of each node of the plan of a model's query, without those of the nodes below."""
        path = next((self._project / "target" / "compiled").rglob(f"{model}.sql"))
        with psycopg.connect(self.url) as connection:
            # As a build of everything is planned: see begin_model.
            connection.execute("set jit = off; set random_page_cost = 1.1")
            connection.execute("set enable_nestloop = off; set enable_mergejoin = off")
            [[[plan]]] = connection.execute(b"explain (analyze, format json) " + path.read_bytes()).fetchall()
        yield from sorted(_own_times(plan["Plan"]), reverse=True)

    def _happen(self) -> None:
        numbers = list(range(len(_EVENTS)))
        minutes, events, payloads, every = (list(column) for column in zip(*_EVENTS, strict=True))
        parts = {"numbers": numbers, "minutes": minutes, "events": events, "payloads": payloads, "every": every}
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(_HAPPEN, {"tickets": self.tickets, **parts})
            connection.execute("vacuum analyze staging.base_event_lines")


def main(*sizes: int) -> int:
    """Run the benchmark; the exit code is 0 whether the goal is met or not. sizes: numbers of tickets, ascending."""
    with _desks(sizes) as desks:
        seconds: dict[int, list[float]] = {size: [] for size in sizes}
        for _ in range(_REPETITIONS):
            for desk in desks:
                models = desk.build()
                seconds[desk.tickets].append(sum(models.values()))
                _tell(f"{desk.tickets:,} tickets: {seconds[desk.tickets][-1]:.1f} s")
        for size, values in seconds.items():
            _tell(f"{size:,} tickets: {spread(values)} s, {1e6 * min(values) / size:.0f} µs a ticket at best")
        slowest = sorted(models.items(), key=lambda model: -model[1])
        for model, time in slowest[:6]:
            _tell(f"  {time:6.1f} s {model}")
        for model, _ in slowest[:2]:
            _tell(f"  nodes of {model}:")
            for time, node in list(desks[-1].plan(model))[:6]:
                _tell(f"    {time:6.1f} s {node}")
    each = {size: [value / size for value in values] for size, values in seconds.items()}
    for before, size in pairwise(sizes):
        print(ratio_line(f"sla_time_per_ticket_at_{size}_to_{before}", each[size], each[before], goal=1.2))
    return 0


@contextmanager
def _desks(sizes: tuple[int, ...]) -> Iterator[list[Desk]]:
    with workplace() as place:
        yield [Desk(place, size) for size in sizes]


def _own_times(node: dict[str, object]) -> Iterator[tuple[float, str]]:
    below: list[dict[str, object]] = node.get("Plans", [])  # type: ignore[assignment]
    time = _time(node) - sum(_time(child) for child in below)
    rows = float(str(node["Actual Rows"])) * float(str(node["Actual Loops"]))
    words = [str(node.get(name)) for name in ("Node Type", "Join Type", "Relation Name", "CTE Name") if node.get(name)]
    yield time / 1000, f"{' '.join(words)} ({rows:,.0f} rows)"
    for child in below:
        yield from _own_times(child)


def _time(node: dict[str, object]) -> float:
    return float(str(node["Actual Total Time"])) * float(str(node["Actual Loops"]))


def _tell(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(*(int(size) for size in sys.argv[1:] or ("10000", "100000", "1000000"))))
