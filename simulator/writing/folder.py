"""The output folder: a run is made aside, then put in place file by file; nobody else's files are touched."""

import filecmp
import gzip
import json
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from ..errors import FolderRefusedError, StoppedError

RECORD = "simulation.json"
_MADE_BY = "simulator"


@contextmanager
def folder_in_place_of(out: Path) -> Iterator[Path]:
    """A new folder beside ``out``, whose files take their places in ``out`` when the block is done.

    Refused unless ``out`` is absent, empty, or holds the record of an earlier run. If the block fails, ``out`` stays
    as it was. Files of an earlier run that this one does not make are removed, files with equal bytes are left alone.
    """
    out = out.resolve()
    earlier = _earlier_files(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(mkdtemp(prefix=f".{out.name}.", dir=out.parent))
    try:
        yield aside
        try:
            _put_in_place(aside, out, earlier)
        except KeyboardInterrupt:
            raise StoppedError(
                f"stopped; {out} holds a part of the new files", "run the same command again, it completes them"
            ) from None
    finally:
        shutil.rmtree(aside)


def take_over(out: Path) -> None:
    """Make ``out`` a folder of ours without files, to write into it directly; refused as above."""
    earlier = _earlier_files(out)
    out.mkdir(parents=True, exist_ok=True)
    write_record(out, {}, earlier)
    _remove(out, earlier)
    write_record(out, {}, ())


def write_record(folder: Path, record: dict[str, Any], files: Iterable[str] | None = None) -> None:
    """Write the record of a run, by which a later run knows its files: by default all that are there."""
    names = set(_files(folder) if files is None else files) - {RECORD}
    content = {**record, "made_by": _MADE_BY, "files": sorted(names)}
    part = folder / f"{RECORD}.part"
    part.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    part.replace(folder / RECORD)


def read_record(folder: Path) -> dict[str, Any] | None:
    """The record of the run that made a folder; None where there is none of ours."""
    try:
        record = json.loads((folder / RECORD).read_bytes())
        is_ours = record["made_by"] == _MADE_BY and isinstance(record["files"], list)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return record if is_ours else None


def compress(path: Path) -> Path:
    """Replace a file by its gzip form, whose bytes depend on the content alone: no time, no name."""
    target = path.with_name(path.name + ".gz")
    part = path.with_name(path.name + ".part")
    with (
        path.open("rb") as source,
        part.open("wb") as raw,
        gzip.GzipFile("", "wb", compresslevel=6, fileobj=raw, mtime=0) as packed,
    ):
        shutil.copyfileobj(source, packed)
    part.replace(target)
    path.unlink()
    return target


def _files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def _earlier_files(out: Path) -> set[str]:
    """Names of the files of the run before; raises if the folder is not ours."""
    if not out.exists():
        return set()
    if not out.is_dir():
        raise FolderRefusedError(f"{out} is not a folder", "choose another --out")
    if not any(out.iterdir()):
        return set()
    record = read_record(out)
    if record is None:
        raise FolderRefusedError(
            f"{out} is not empty and holds no {RECORD} of an earlier run, so its files are left alone",
            "choose another --out, or empty the folder",
        )
    names = (Path(str(name)) for name in record["files"])
    return {name.as_posix() for name in names if not name.is_absolute() and ".." not in name.parts}


def _put_in_place(aside: Path, out: Path, earlier: set[str]) -> None:
    out.mkdir(exist_ok=True)
    made = _files(aside)
    _remove(out, earlier - made)
    for folder in sorted(path.relative_to(aside) for path in aside.rglob("*") if path.is_dir()):
        (out / folder).mkdir(exist_ok=True)
    # The record first: a folder that was left halfway is known as ours, and the next run repairs it.
    for name in sorted(made, key=lambda name: (name != RECORD, name)):
        target = out / name
        if not (target.is_file() and filecmp.cmp(aside / name, target, shallow=False)):
            shutil.move(aside / name, target)


def _remove(out: Path, names: set[str]) -> None:
    """Remove files, and the folders within ``out`` that are empty then."""
    for name in names:
        (out / name).unlink(missing_ok=True)
    for folder in sorted({parent for name in names for parent in Path(name).parents} - {Path()}, reverse=True):
        # Not where somebody else's files are.
        with suppress(OSError):
            (out / folder).rmdir()
