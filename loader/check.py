"""What the loader would make of files, without a database and without loading anything."""

from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path

from .aliases import Alias
from .errors import FileError
from .fingerprint import Fingerprint
from .lines import LineReader, LongLine
from .parsing import Parser, rejected_long
from .rejection import Rejection
from .sources import LogFile, TruncatedError, chunks, opened, unreadable

_BLOCK_LINES = 2_000


class Checker:
    """Checks files one after the other; counts what it has seen.

    aliases: older names of events. max_line_bytes: longer lines are rejected.
    lines_count, rejected_count: of all files so far. waiting: files whose last line has no newline yet.
    errors: files that could not be read, or not to their end.
    """

    def __init__(self, aliases: Mapping[str, Alias], *, max_line_bytes: int) -> None:
        self._parser = Parser(aliases)
        self._max_line_bytes = max_line_bytes
        self.lines_count = 0
        self.rejected_count = 0
        self.waiting: list[Path] = []
        self.errors: list[FileError] = []

    def rejections(self, files: Iterable[LogFile]) -> Iterator[tuple[Path, Rejection]]:
        """What would become a dead letter, in the order of files and lines."""
        for log_file in files:
            try:
                with opened(log_file) as file, closing(self._of(file)) as found:
                    for rejection in found:
                        self.rejected_count += 1
                        yield log_file.path, rejection
            except OSError as error:
                self.errors.append(unreadable(log_file.path, error))
            except TruncatedError:
                self.errors.append(FileError(f"{log_file.path} breaks off", "check it again when it is complete"))

    def _of(self, file: LogFile) -> Generator[Rejection]:
        reader = LineReader(Fingerprint(), 0, max_line_bytes=self._max_line_bytes)
        for item in reader.read(chunks(file), is_archive=file.compression != "none", max_lines=_BLOCK_LINES):
            checked = rejected_long(item) if isinstance(item, LongLine) else self._parser.check(item)
            self.lines_count += 1 if isinstance(item, LongLine) else item.count
            yield from sorted(checked.rejections, key=lambda rejection: rejection.number)
        if reader.waiting_bytes:
            self.waiting.append(file.path)
