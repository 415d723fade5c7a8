"""A story, and the rows that its description promises."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, replace

from ..world.calendar import Calendar, Policy
from ..world.tenant import Tenant
from ..world.tenants import TENANTS
from .teller import Teller

#: All stories in the order in which they are written down.
STORIES: "list[Story]" = []


@dataclass(frozen=True)
class Expected:
    """The rows of a table that a story leads to: all of its tenant, in any order, as text; empty means null."""

    table: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Story:
    """A tiny world. ``name`` says what it shows; it is the tenant's id as well."""

    name: str
    description: str
    source: str
    tell: Callable[[Teller], None]
    tenant: Tenant
    expected: tuple[Expected, ...]


def story(
    *,
    timezone: str = "Asia/Shanghai",
    calendars: tuple[Calendar, ...] = (),
    policies: tuple[Policy, ...] = (),
) -> Callable[[Callable[[Teller], None]], Callable[[Teller], None]]:
    """Make a function a story: its name names it, its docstring describes it and holds the expected tables.

    A table is a line with the table's name, an empty line, and a Markdown table.
    """

    def collect(tell: Callable[[Teller], None]) -> Callable[[Teller], None]:
        tenant = replace(TENANTS[0], tenant_id=tell.__name__, timezone=timezone, calendars=calendars, policies=policies)
        description = inspect.getdoc(tell) or ""
        STORIES.append(
            Story(tell.__name__, description, inspect.getsource(tell), tell, tenant, tuple(_tables(description)))
        )
        return tell

    return collect


def _tables(description: str) -> list[Expected]:
    tables = []
    lines = description.splitlines()
    for number, line in enumerate(lines):
        if line.startswith("|") and not lines[number - 1].startswith("|"):
            block = []
            for row in lines[number:]:
                if not row.startswith("|"):
                    break
                block.append(tuple(cell.strip() for cell in row.strip("|").split("|")))
            # The name stands above the table, with an empty line between.
            tables.append(Expected(lines[number - 2].strip("`"), block[0], tuple(block[2:])))
    return tables
