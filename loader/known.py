"""What the database knows of contents that were read before."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

from .sources import LogFile


@dataclass(frozen=True, slots=True)
class KnownFile:
    """A content that was read before, and where it was last seen."""

    source_file_id: int
    path: Path
    device: int | None
    inode: int | None
    head_bytes: int
    head_hash: bytes
    tail_chain_hash: bytes
    content_hash: bytes
    bytes_consumed: int
    lines_consumed: int
    size: int | None = None
    mtime_ns: int | None = None

    def is_touched(self, log_file: LogFile) -> bool:
        """Whether the file was written to since it was read to its end, and yet has not grown."""
        return self.size == log_file.size and self.mtime_ns != log_file.mtime_ns


class Prefix(NamedTuple):
    """The beginning of a known content, as long as it was after some load; ``is_whole``: up to its position."""

    source_file_id: int
    length: int
    lines: int
    content_hash: bytes
    is_whole: bool


class KnownFiles(Protocol):
    """What recognition asks the database."""

    def at_place(self, device: int, inode: int) -> KnownFile | None:
        """The content last seen at this place, if any."""

    def prefixes(self, heads: Sequence[bytes]) -> list[Prefix]:
        """All prefixes of the contents that begin with one of these heads."""

    def with_key(self, key: int) -> list[KnownFile]:
        """Contents with this key, those read last first; not all, where there are hundreds."""

    def place_of(self, source_file_id: int) -> KnownFile:
        """A known content by its id."""
