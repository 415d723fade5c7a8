"""The lines that a file delivers, and what each of them is."""

from array import array
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, NamedTuple

from .edits import Edits
from .garbage import HALF_WRITTEN, MALFORMED


class Mark(NamedTuple):
    """A place in a text: bytes and lines before it."""

    size: int
    line_count: int


@dataclass
class Text:
    """The content of a log file from its first to its last delivery.

    path: where its bytes lie. lines: for each line the number of the world's event in it, from 1 over all files; or
    negative, ``-1 - n`` for the n-th of ``malformed``, the kinds of lines that are none of the contract.
    has_open_end: the last of ``lines`` has no newline.
    """

    path: Path
    lines: Sequence[int]
    malformed: list[str] = field(default_factory=list)
    has_open_end: bool = False
    marks: dict[int, Mark] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Bytes."""
        return self.path.stat().st_size

    @property
    def complete_line_count(self) -> int:
        """Lines that end with a newline."""
        return len(self.lines) - self.has_open_end

    def line_length(self, begin: int) -> int:
        """Bytes of the line that begins at a byte, its newline included."""
        with self.path.open("rb") as file:
            file.seek(begin)
            return len(file.readline())

    def kind(self, line: int) -> str:
        """The kind of a malformed line."""
        return self.malformed[-1 - line]


def edited(written: Path, target: Path, edits: Edits, *, first_id: int, instant: str, cuts: Iterable[int] = ()) -> Text:
    """Write a file anew with what goes wrong with its lines.

    written: the file as the product wrote it, whose lines are the events ``first_id`` and following.
    instant: RFC 3339, for malformed lines. cuts: numbers of written lines behind which the place is marked.
    """
    with written.open("rb") as source, target.open("wb") as file:
        editor = _Editor(file, edits, first_id, instant)
        marks = {0: editor.mark}
        wanted = set(cuts)
        number = 0
        for number, line in enumerate(source, start=1):
            editor.take(number, line)
            if number in wanted:
                marks[number] = editor.mark
        editor.finish(number)
    text = Text(target, editor.lines, editor.malformed, bool(edits.half_written), marks)
    # What comes behind the last line is delivered with it.
    marks[number] = Mark(text.size, len(text.lines))
    return text


class _Editor:
    """Writes the lines of a file one after the other, and holds back those that come later."""

    def __init__(self, file: BinaryIO, edits: Edits, first_id: int, instant: str) -> None:
        self.lines = array("q")
        self.malformed: list[str] = []
        self._file = file
        self._edits = edits
        self._first_id = first_id
        self._instant = instant
        self._size = 0
        self._held: defaultdict[int, list[tuple[bytes, int]]] = defaultdict(list)

    @property
    def mark(self) -> Mark:
        return Mark(self._size, len(self.lines))

    def take(self, number: int, line: bytes) -> None:
        """Write a line, or what becomes of it, and what was held back until now."""
        edits, event = self._edits, self._first_id + number - 1
        self._write_garbage(number)
        if number in edits.repeated:
            self._held[edits.repeated[number]].append((line, event))
        if number in edits.delayed:
            # Behind what is repeated, whose first copy may still be missing.
            self._held[edits.delayed[number]].append((line, event))
        elif number == edits.half_written:
            self._write(_beginning(line), self._malformed(HALF_WRITTEN))
        elif number not in edits.missing:
            self._write(line, event)
        for held in self._held.pop(number, ()):
            self._write(*held)

    def finish(self, last: int) -> None:
        """Write what comes behind the last line."""
        self._write_garbage(last + 1)

    def _write_garbage(self, number: int) -> None:
        for kind in self._edits.garbage.get(number, ()):
            self._write(MALFORMED[kind].at(self._instant), self._malformed(kind))

    def _malformed(self, kind: str) -> int:
        self.malformed.append(kind)
        return -len(self.malformed)

    def _write(self, line: bytes, event: int) -> None:
        self._file.write(line)
        self._size += len(line)
        self.lines.append(event)


def _beginning(line: bytes) -> bytes:
    """About half of a line, cut between two characters."""
    end = len(line) // 2
    while line[end] & 0xC0 == 0x80:
        end -= 1
    return line[:end]
