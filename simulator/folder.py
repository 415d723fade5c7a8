"""The output folder: made aside, then put in place file by file; nobody else's files are touched."""

import filecmp
import gzip
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

RECORD = "simulation.json"
_MADE_BY = "simulator generate"


class FolderRefusedError(Exception):
    """The output folder holds something that is not ours."""


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
        _put_in_place(aside, out, earlier)
    finally:
        shutil.rmtree(aside)


def write_record(folder: Path, record: dict[str, Any]) -> None:
    """Write the record of a run, by which a later run knows its files."""
    files = sorted(path.name for path in folder.iterdir())
    content = {"made_by": _MADE_BY, **record, "files": files}
    (folder / RECORD).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def compress(path: Path) -> Path:
    """Replace a file by its gzip form, whose bytes depend on the content alone: no time, no name."""
    target = path.with_name(path.name + ".gz")
    with target.open("wb") as raw, gzip.GzipFile("", "wb", compresslevel=6, fileobj=raw, mtime=0) as packed:
        packed.write(path.read_bytes())
    path.unlink()
    return target


def _earlier_files(out: Path) -> set[str]:
    """Names of the files of the run before; raises if the folder is not ours."""
    if not out.exists():
        return set()
    if not out.is_dir():
        raise FolderRefusedError(f"{out} is not a folder; choose another --out.")
    if not any(out.iterdir()):
        return set()
    try:
        record = json.loads((out / RECORD).read_bytes())
        names = {str(name) for name in record["files"]} if record["made_by"] == _MADE_BY else None
    except (OSError, ValueError, KeyError, TypeError):
        names = None
    if names is None:
        raise FolderRefusedError(
            f"{out} is not empty and holds no {RECORD} of an earlier run, so its files are left alone;"
            " choose another --out, or empty the folder."
        )
    return {name for name in names if Path(name).name == name}


def _put_in_place(aside: Path, out: Path, earlier: set[str]) -> None:
    out.mkdir(exist_ok=True)
    made = {path.name for path in aside.iterdir()}
    for name in earlier - made:
        (out / name).unlink(missing_ok=True)
    # The record first: a folder that was left halfway is known as ours, and the next run repairs it.
    for name in sorted(made, key=lambda name: (name != RECORD, name)):
        target = out / name
        if not (target.is_file() and filecmp.cmp(aside / name, target, shallow=False)):
            shutil.move(aside / name, target)
