"""The report of a check, for people."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from .comparison import Comparison
from .told import Told

_WIDTH = 32


def report(comparisons: Sequence[Comparison]) -> Iterator[str]:
    """The lines of the report: each mart with its rows and differences, then all of them together."""
    yield f"{'mart':{_WIDTH}}{'rows':>12}{'differences':>14}"
    for found in comparisons:
        yield _line(found.mart, found.row_count, found.differences.total())
        for kind, count in sorted(found.differences.items()):
            yield f"    {kind}: {count:,}"
            yield from (f"        {example}" for example in found.examples[kind])
    rows = sum(found.row_count for found in comparisons)
    yield _line("total", rows, sum(found.differences.total() for found in comparisons))


def veiled(happened: Told, recorded: Told, limit: int) -> Iterator[str]:
    """The headline figures that the logs give otherwise than they were: what the faults did to what can be known.

    For each metric, of how many figures that is so, with ``limit`` examples.
    """
    known = _figures(recorded)
    figure_counts: Counter[str] = Counter()
    examples: defaultdict[str, list[str]] = defaultdict(list)
    for (tenant_id, month, metric), figure in _figures(happened).items():
        figure_counts[metric] += 1
        recorded_figure = known.get((tenant_id, month, metric), "")
        if recorded_figure != figure:
            sides = f"happened {figure or 'null'}, recorded {recorded_figure or 'null'}"
            examples[metric].append(f"{month[:7]} {tenant_id}: {sides}")
    yield "What the faults hide (information; the marts cannot know it):"
    for metric, found in sorted(examples.items()):
        yield f"    {metric}: {len(found):,} of {figure_counts[metric]:,} figures"
        yield from (f"        {example}" for example in found[:limit])


def _line(name: str, row_count: int, difference_count: int) -> str:
    return f"{name:{_WIDTH}}{row_count:>12,}{difference_count:>14,}"


def _figures(table: Told) -> dict[tuple[str, str, str], str]:
    """The figures of business_case_figures_monthly by tenant, month and metric."""
    rows: Iterable[dict[str, str]] = (dict(zip(table.columns, row, strict=True)) for row in table)
    return {(row["tenant_id"], row["month"], row["metric"]): row["figure"] for row in rows}
