"""A folder of Parquet files, one a day: how they are named, written, replaced and read. No database.

::

    FOLDER/_archive.json                             which archive this is
    FOLDER/loaded_on=2026-08-01/events.parquet       one day of raw.events
    FOLDER/loaded_on=2026-08-01/.events.parquet.new  being written, or written and not yet published

Spark and DuckDB take ``loaded_on`` from the folder's name, and leave out names that begin with a dot or an underscore.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID, uuid4

from .errors import ArchiveError

if TYPE_CHECKING:
    import pyarrow as pa

_IDENTITY = "_archive.json"
_FILE = "events.parquet"
_NEW = f".{_FILE}.new"
_DAY = "loaded_on="


class Row(NamedTuple):
    """A row of raw.events but for its day, as it is archived. occurred_at: microseconds since 1970 in UTC."""

    event: str
    event_id: str
    occurred_at: int
    product: str
    tenant_id: str
    schema_version: int
    emitter_id: str | None
    seq: int | None
    level: str | None
    logger: str | None
    payload: str
    load_id: int
    source_file_id: int
    line_number: int


@dataclass(frozen=True, slots=True)
class Written:
    """What a file holds: rows, its size in bytes, its SHA-256."""

    lines: int
    size: int
    sha256: bytes


class ArchiveFolder:
    """The archive in a folder that exists.

    Raises ArchiveError if it is none, and wherever a file of it cannot be read or written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        try:
            self.archive_id = UUID(json.loads((self.path / _IDENTITY).read_bytes())["archive_id"])
        except FileNotFoundError:
            raise ArchiveError(f"{path} is no archive", "name the folder that loader archive wrote to") from None
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise ArchiveError(
                f"{path / _IDENTITY} cannot be read: {type(error).__name__}", "restore the file from a backup"
            ) from None

    @classmethod
    def made(cls, path: Path) -> "ArchiveFolder":
        """The archive in this folder, which is made if there is none, closed to other users."""
        identity = path / _IDENTITY
        if not identity.exists():
            with _writing(path):
                path.mkdir(mode=0o700, parents=True, exist_ok=True)
                new = path / f".{_IDENTITY}.new"
                new.unlink(missing_ok=True)
                with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                    json.dump({"archive_id": str(uuid4())}, file)
                    file.flush()
                    os.fsync(file.fileno())
                new.rename(identity)
                _sync_folder(path)
        return cls(path)

    def days(self) -> list[date]:
        """Days in UTC that have a file, in order."""
        with _writing(self.path):
            names = sorted(file.parent.name.removeprefix(_DAY) for file in self.path.glob(f"{_DAY}*/{_FILE}"))
        return [date.fromisoformat(name) for name in names]

    def file(self, day: date) -> Path:
        return self.path / f"{_DAY}{day}" / _FILE

    def write(self, day: date, batches: Iterable["pa.RecordBatch"]) -> Written:
        """Write a day to a new file beside the one that is there, if any, and to the disk; see :meth:`publish`.

        batches: see :func:`record_batch`; each becomes a row group, the unit of reading.
        """
        parquet, schema = _parquet(), _schema()
        new = self._new(day)
        with _writing(self.path):
            new.parent.mkdir(mode=0o700, exist_ok=True)
            new.unlink(missing_ok=True)
            with os.fdopen(os.open(new, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as file:
                with parquet.ParquetWriter(file, schema, compression="zstd") as writer:
                    for batch in batches:
                        writer.write_batch(batch)
                file.flush()
                os.fsync(file.fileno())
            _sync_folder(new.parent)
            _sync_folder(self.path)
            with parquet.ParquetFile(new) as written:
                return Written(written.metadata.num_rows, new.stat().st_size, _sha256(new))

    def publish(self, day: date) -> None:
        """Put the file that :meth:`write` made in the place of the old one, at once."""
        with _writing(self.path):
            self._new(day).rename(self.file(day))
            _sync_folder(self.file(day).parent)

    def finish(self, manifest: Mapping[date, Written]) -> None:
        """Publish what a run that broke off had written and recorded, and delete what it had not recorded."""
        with _writing(self.path):
            for new in sorted(self.path.glob(f"{_DAY}*/{_NEW}")):
                day = date.fromisoformat(new.parent.name.removeprefix(_DAY))
                recorded = manifest.get(day)
                if recorded and recorded.size == new.stat().st_size and recorded.sha256 == _sha256(new):
                    self.publish(day)
                else:
                    new.unlink()

    def holds(self, day: date, recorded: Written, *, to_the_byte: bool = False) -> bool:
        """Whether the day's file is there as it was recorded: by its size, or by its hash as well."""
        file = self.file(day)
        with _writing(self.path), suppress(FileNotFoundError):
            return file.stat().st_size == recorded.size and (not to_the_byte or _sha256(file) == recorded.sha256)
        return False

    def read(self, day: date, columns: list[str] | None = None) -> Iterator["pa.RecordBatch"]:
        """The rows of a day, all columns or some, in the batches in which they were written."""
        import pyarrow as pa  # noqa: PLC0415 - see below

        try:
            with _writing(self.path), _parquet().ParquetFile(self.file(day)) as file:
                for group in range(file.num_row_groups):
                    yield from file.read_row_group(group, columns).to_batches()
        except pa.ArrowException as error:
            raise ArchiveError(
                f"{self.file(day)} cannot be read: {type(error).__name__}", "restore the file from a backup"
            ) from None

    def _new(self, day: date) -> Path:
        return self.file(day).with_name(_NEW)


def record_batch(rows: Iterable[Row]) -> "pa.RecordBatch":
    """Rows as a file takes them. Raises ArchiveError where pyarrow is not installed."""
    schema = _schema()
    import pyarrow as pa  # noqa: PLC0415 - only commands about archives need it, and it takes 0.2 s

    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    arrays = [pa.array(values, field.type) for values, field in zip(columns, schema, strict=True)]
    return pa.record_batch(arrays, schema=schema)


def _schema() -> "pa.Schema":
    """Types that Spark and DuckDB read as they are: text, 32 and 64 bit integers, microseconds in UTC."""
    _parquet()
    import pyarrow as pa  # noqa: PLC0415 - see above

    types = {
        "occurred_at": pa.timestamp("us", "UTC"), "schema_version": pa.int32(), "seq": pa.int64(),
        "load_id": pa.int64(), "source_file_id": pa.int64(), "line_number": pa.int64(),
    }  # fmt: skip
    optional = {"emitter_id", "seq", "level", "logger"}
    return pa.schema([pa.field(name, types.get(name, pa.string()), name in optional) for name in Row._fields])


def _parquet() -> Any:
    try:
        import pyarrow.parquet  # noqa: PLC0415 - see above
    except ImportError:
        raise ArchiveError(
            "archives are written with pyarrow, which is not installed",
            "pip install 'support-warehouse[archive]'",
        ) from None
    return pyarrow.parquet


def _sha256(file: Path) -> bytes:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").digest()


def _sync_folder(folder: Path) -> None:
    """A new name is on the disk only when its folder is."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ArchiveError(
            f"the archive {folder} cannot be read or written: {error.strerror or type(error).__name__}",
            "see that the folder is there, is yours and has room, then run the command again: it goes on from there",
        ) from None
