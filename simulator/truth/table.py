"""Tables of the truth: CSV files whose columns bear the names of the mart that they are the truth of."""

import csv
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

#: Of a session, a day, a month …: column names and values. Instants are floats in columns that end in ``_at``.
Row = Mapping[str, Any]


class Table:
    """A CSV file that grows row by row; the first row gives the columns.

    Null is an empty field, booleans are ``true`` and ``false``, instants are RFC 3339 in UTC with microseconds.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("w", encoding="utf-8", newline="")
        self._writer = csv.writer(self._file, lineterminator="\n")
        self._columns: list[str] = []
        self.row_count = 0

    def add(self, row: Row) -> None:
        """Write a row. Raises ValueError where its columns are others than the first row's."""
        if not self._columns:
            self._columns = list(row)
            self._writer.writerow(self._columns)
        if list(row) != self._columns:
            raise ValueError(f"a row of {self._file.name} has other columns: {sorted(set(row) ^ set(self._columns))}")
        self._writer.writerow([_text(column, value) for column, value in row.items()])
        self.row_count += 1

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def write_table(path: Path, rows: Iterable[Row]) -> None:
    """Write a whole table."""
    table = Table(path)
    for row in rows:
        table.add(row)
    table.close()


def instant(at: float | None) -> str | None:
    """An instant as RFC 3339 text in UTC with microseconds."""
    if at is None:
        return None
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _text(column: str, value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float() if column.endswith(("_at", "_from", "_to")):
            return instant(value) or ""
        case date():
            return value.isoformat()
        case Decimal():
            return f"{value:f}"
    return str(value)
