"""The comparison of a mart with its truth, row by row and column by column."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from .fields import Field
from .pseudonyms import Pseudonyms
from .told import Told
from .values import shown

#: Rows of the truth wait as one text each, which takes a fraction of the memory of a list of fields.
_SEPARATOR = "\x1f"
_Key = tuple[Any, ...]


class Comparison:
    """What was found for a mart.

    row_count: rows of the mart; differences: how many of each kind; examples: the first ``limit`` of each kind.
    """

    def __init__(self, mart: str, limit: int) -> None:
        self.mart = mart
        self.row_count = 0
        self.differences: Counter[str] = Counter()
        self.examples: defaultdict[str, list[str]] = defaultdict(list)
        self._limit = limit

    def compare(
        self,
        fields: Sequence[Field],
        key: Sequence[str],
        rows: Iterable[Sequence[Any]],
        truth: Told,
        pseudonyms: Pseudonyms,
    ) -> None:
        """Compare the rows of a mart, in any order, with its truth table, which is kept in memory meanwhile."""
        key_fields = [field for field in fields if field.name in key]
        waiting = self._by_key(key_fields, truth)
        for row in rows:
            self.row_count += 1
            name = tuple(field.seen(row) for field in key_fields)
            packed = waiting.get(name)
            if packed is None:
                self._note("duplicate key in the mart" if name in waiting else "extra row", _named(key_fields, name))
                continue
            waiting[name] = None
            expected = packed.split(_SEPARATOR)
            for field in fields:
                if not field.agrees(expected, row, pseudonyms):
                    sides = f"truth {expected[field.in_truth] or 'null'}, mart {shown(row[field.in_mart])}"
                    self._note(f"{field.name} differs", f"{_named(key_fields, name)}: {sides}")
        for name, packed in waiting.items():
            if packed is not None:
                self._note("missing row", _named(key_fields, name))

    def _by_key(self, key_fields: Sequence[Field], truth: Told) -> dict[_Key, str | None]:
        """The rows of the truth that wait for those of the mart; None will take the place of one that was found."""
        waiting: dict[_Key, str | None] = {}
        for row in truth:
            name = tuple(field.told(row) for field in key_fields)
            if name in waiting:
                self._note("duplicate key in the truth", _named(key_fields, name))
            else:
                waiting[name] = _SEPARATOR.join(row)
        return waiting

    def _note(self, kind: str, example: str) -> None:
        self.differences[kind] += 1
        if len(self.examples[kind]) < self._limit:
            self.examples[kind].append(example)


def _named(key_fields: Sequence[Field], name: _Key) -> str:
    """A row's key, for people."""
    return " ".join(f"{field.name}={shown(value)}" for field, value in zip(key_fields, name, strict=True))
