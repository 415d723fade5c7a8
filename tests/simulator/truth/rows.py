"""What tests ask of the rows of a table."""

from collections.abc import Mapping


def some(row: Mapping[str, str], *columns: str) -> tuple[str, ...]:
    """The values of these columns."""
    return tuple(row[column] for column in columns)
