"""The columns that stand on both sides of a comparison."""

from collections.abc import Sequence
from pathlib import PurePath
from typing import Any, NamedTuple

from ..errors import MartsRefusedError
from .database import Column
from .marts import Mart
from .pseudonyms import Pseudonyms
from .told import Told
from .values import Kind, told


class Field(NamedTuple):
    """A column of a mart: its index in the mart's rows and in the truth's, and the truth's column that it hashes."""

    name: str
    kind: Kind
    in_mart: int
    in_truth: int
    hashed: str | None

    def told(self, row: Sequence[str]) -> Any:
        """The value in a row of the truth."""
        return told(row[self.in_truth], self.kind.read)

    def seen(self, row: Sequence[Any]) -> Any:
        """The value in a row of the mart, as comparable with the truth's."""
        value = row[self.in_mart]
        return None if value is None else self.kind.seen(value)

    def agrees(self, truth: Sequence[str], row: Sequence[Any], pseudonyms: Pseudonyms) -> bool:
        """Whether two rows are equal here; null equals null alone."""
        if self.hashed:
            return pseudonyms.agree(self.hashed, truth[self.in_truth] or None, row[self.in_mart])
        return bool(self.told(truth) == self.seen(row))


def common_fields(mart: Mart, columns: Sequence[Column], truth: Told) -> list[Field]:
    """The columns to compare. Raises MartsRefusedError where one would be forgotten, or a line of MARTS is outdated."""
    named = {*mart.key, *mart.untold, *mart.hashed, *mart.by_name}
    if absent := sorted(named - {column.name for column in columns}):
        raise MartsRefusedError(
            f"marts.{mart.name} has no column {', '.join(absent)}, which simulator/check/marts.py names",
            "build the marts with this version: dbt build; or mend that line",
        )
    told_columns = [mart.hashed.get(column.name, column.name) for column in columns]
    if truth.columns:  # a table without rows does not say which columns it has
        for column, name in zip(columns, told_columns, strict=True):
            if (name in truth.columns) == (column.name in mart.untold):
                raise MartsRefusedError(
                    f"the column {column.name} of marts.{mart.name} is"
                    f" {'both told and untold' if name in truth.columns else 'neither told nor untold'}",
                    f"let {truth.path.name} tell {name}, or say in simulator/check/marts.py why it cannot",
                )
    return [
        Field(
            column.name,
            Kind(_file_name, _file_name) if column.name in mart.by_name else column.kind,
            index,
            truth.columns.index(name) if truth.columns else index,
            mart.hashed.get(column.name),
        )
        for index, (column, name) in enumerate(zip(columns, told_columns, strict=True))
        if column.name not in mart.untold
    ]


def _file_name(path: str) -> str:
    return PurePath(path).name
