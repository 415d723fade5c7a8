"""Older event names: read from the seed that the warehouse maps them by, so that a new alias needs no code."""

import csv
from pathlib import Path
from typing import NamedTuple

from .errors import RefusedError


class Alias(NamedTuple):
    """``alias`` stands for ``event``, with ``field`` (if any) set to ``value``."""

    event: str
    field: str
    value: str


def read_aliases(path: Path) -> dict[str, Alias]:
    """Aliases by name from a CSV with the columns alias, event, field, value; none if there is no such file.

    Raises RefusedError if the file is there and cannot be understood.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.DictReader(stream))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise RefusedError(f"the aliases of events in {path} cannot be read: {error}", "mend the file") from None
    aliases = {}
    for number, row in enumerate(rows, start=2):
        if not row.get("alias") or not row.get("event"):
            raise RefusedError(f"{path}, line {number}: an alias needs the columns alias and event", "mend the file")
        aliases[row["alias"]] = Alias(row["event"], row.get("field") or "", row.get("value") or "")
    return aliases
