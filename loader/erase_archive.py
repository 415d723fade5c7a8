"""Taking a person's lines out of archives: the files concerned are written anew without them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

import psycopg

from .archive import manifest, record
from .archive_files import ArchiveFolder
from .erase_search import named_in
from .person import Person

if TYPE_CHECKING:
    import pyarrow as pa


#: A line: its load, and its number in its file.
Position = tuple[int, int]


@dataclass(slots=True)
class Rewritten:
    """What leaves archives: lines, and the files that they came from."""

    lines: int = 0
    source_file_ids: set[int] = field(default_factory=set)


def rewrite(
    connection: psycopg.Connection[Any],
    folders: Iterable[ArchiveFolder],
    persons: list[Person],
    positions: Mapping[date, set[Position]],
    *,
    dry_run: bool,
) -> Rewritten:
    """Write new files, and record them, in the transaction of the caller; :func:`settle` puts them in place.

    positions: lines that go whether or not they name one of the persons, by the day of their load.
    dry_run: count only.
    """
    done = Rewritten()
    for folder in folders:
        for day in folder.days():
            numbers = {number for person in persons for number, _ in named_in(folder, day, person)}
            if day in positions:
                numbers |= set(_numbers_of(folder, day, positions[day]))
            done.lines += len(numbers)
            if numbers and not dry_run:
                written = folder.write(day, _without(folder, day, numbers, done))
                record(connection, folder, day, written)
    return done


def _numbers_of(folder: ArchiveFolder, day: date, positions: set[Position]) -> Iterator[int]:
    number = 0
    for batch in folder.read(day, ["load_id", "line_number"]):
        for load_id, line_number in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            if (load_id, line_number) in positions:
                yield number
            number += 1


def settle(connection: psycopg.Connection[Any], folders: Iterable[ArchiveFolder]) -> None:
    """After the transaction: put files in place that it recorded, and delete those that it did not."""
    for folder in folders:
        folder.finish(manifest(connection, folder))


def _without(folder: ArchiveFolder, day: date, numbers: set[int], done: Rewritten) -> Iterator["pa.RecordBatch"]:
    import pyarrow as pa  # noqa: PLC0415 - only commands about archives need it, and it takes 0.2 s

    number = 0
    for batch in folder.read(day):
        stays = pa.array([place not in numbers for place in range(number, number + batch.num_rows)], pa.bool_())
        gone = batch["source_file_id"].filter(pa.compute.invert(stays))
        done.source_file_ids.update(gone.unique().to_pylist())
        kept = batch.filter(stays)
        if kept.num_rows:
            yield kept
        number += batch.num_rows
