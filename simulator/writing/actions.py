"""What happens to the files of a log folder between two looks at it, as products and log rotation do it."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from .folder import compress

What = Literal["append", "place", "rename", "copy", "truncate", "compress"]


@dataclass(frozen=True, kw_only=True)
class Action:
    """One thing that happens to a file; doing it again after it was cut short completes it.

    append: bytes ``begin`` to ``end`` of the content ``source`` are added to ``file``, which has ``size`` bytes.
    place: they become the file, a new one also where one of that name is there. rename, copy: ``file`` is or comes also
    under the name ``other``. truncate: it is emptied in place. compress: it is replaced by its gzip form.
    What is in the file afterwards begins with line ``first_line`` of the content, from 0, and has ``lines`` whole ones.
    """

    what: What
    file: str
    source: str = ""
    begin: int = 0
    end: int = 0
    size: int = 0
    first_line: int = 0
    lines: int = 0
    other: str = ""

    @property
    def files(self) -> list[str]:
        """Names of the files that it may leave."""
        return [name for name in (self.file, self.other, f"{self.file}.gz" if self.what == "compress" else "") if name]

    @property
    def words(self) -> str:
        """The action for people."""
        return {
            "append": f"{self.file} grew to {self.size + self.end - self.begin:,} bytes",
            "place": f"{self.file} came",
            "rename": f"{self.file} was renamed to {self.other}",
            "copy": f"{self.file} was copied to {self.other}",
            "truncate": f"{self.file} was emptied",
            "compress": f"{self.file} was packed",
        }[self.what]


def perform(action: Action, logs: Path, contents: Path) -> None:
    """Do it to the files in ``logs``; ``contents`` holds the bytes that are still to come."""
    file, other = logs / action.file, logs / action.other
    match action.what:
        case "append":
            _append(action, file, contents)
        case "place":
            # Not named like a log file until it is whole.
            part = file.with_name(f"{file.name}.part")
            part.unlink(missing_ok=True)
            _append(action, part, contents)
            part.replace(file)
        case "rename":
            if file.exists():
                file.rename(other)
        case "copy":
            part = other.with_name(f"{other.name}.part")
            shutil.copyfile(file, part)
            part.replace(other)
        case "truncate":
            os.truncate(file, 0)
        case "compress":
            if file.exists():
                compress(file)


def _append(action: Action, file: Path, contents: Path) -> None:
    with (contents / action.source).open("rb") as source, file.open("ab") as target:
        target.truncate(action.size)
        source.seek(action.begin)
        left = action.end - action.begin
        while left > 0 and (piece := source.read(min(left, 1 << 20))):
            target.write(piece)
            left -= len(piece)
