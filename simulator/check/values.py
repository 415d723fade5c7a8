"""Values on both sides: the text of a truth table and what the database gives for a column of a mart."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple


def _same(value: Any) -> Any:
    return value


def _double(value: float) -> str:
    # A double holds 15 decimal digits; what lies beyond them is the order of the arithmetic, not the value.
    return f"{value + 0.0:.15g}"


class Kind(NamedTuple):
    """A type of the database. ``read`` makes of the truth's text what ``seen`` makes of the database's value."""

    read: Callable[[str], Any]
    seen: Callable[[Any], Any] = _same


#: By PostgreSQL's names of the types. Equal are the same number, the same microsecond, the same 15 digits of a double.
KINDS = {
    "text": Kind(str),
    "bool": Kind({"true": True, "false": False}.__getitem__),
    "int4": Kind(int),
    "int8": Kind(int),
    "numeric": Kind(Decimal),
    "float8": Kind(lambda text: _double(float(text)), _double),
    "date": Kind(date.fromisoformat),
    "timestamptz": Kind(datetime.fromisoformat),
}


def told(text: str, read: Callable[[str], Any]) -> Any:
    """The value of a field of a truth table: None where it is empty, its text where it is no value of the type."""
    if not text:
        return None
    try:
        return read(text)
    except (ValueError, KeyError, ArithmeticError):
        return text


def shown(value: Any) -> str:
    """A value of the database as the truth would write it."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case datetime():
            return value.isoformat(timespec="microseconds").replace("+00:00", "Z")
    return str(value)
