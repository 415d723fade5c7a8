"""Which content a file is, whatever its name: where to go on in it, or why not to."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

from .errors import ChangedError, FileError
from .fingerprint import HEAD_BYTES, Fingerprint, head_hashes, tail_start
from .sources import LogFile, TruncatedError, as_it_is_now, begins_with, chunks, look_at, opened


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

    def place_of(self, source_file_id: int) -> KnownFile:
        """A known content by its id."""


class Start(NamedTuple):
    """Where to go on: the fingerprint and the number of lines before.

    source_file_id: None for a content that is new, or that parts from a known one here.
    is_elsewhere: the known content is also still at its old place, so this file is a copy of it.
    """

    source_file_id: int | None
    fingerprint: Fingerprint
    lines: int
    is_elsewhere: bool = False


def recognise(log_file: LogFile, known: KnownFiles, *, as_new: bool, verify: bool = False) -> Start:
    """Where to start in ``log_file``, which is opened.

    as_new: read a file that changed under its position from the start instead of refusing it.
    verify: read all that is before the position again, instead of its head and tail, to find every change.
    Raises ChangedError for such a file, FileError for an archive that is being written, OSError if it cannot be read.
    """
    here = known.at_place(log_file.device, log_file.inode)
    if here and log_file.compression == "none" and not (verify or here.is_touched(log_file)):
        fingerprint = _unchanged_before_position(log_file, here)
        if fingerprint:
            return Start(here.source_file_id, fingerprint, here.lines_consumed)

    prefixes = known.prefixes(head_hashes(_head(log_file)))
    match, fingerprint, was_truncated = longest_match(chunks(log_file), prefixes)
    if match and match.is_whole:
        elsewhere = _is_elsewhere(known.place_of(match.source_file_id), log_file)
        return Start(match.source_file_id, fingerprint, match.lines, elsewhere)
    if was_truncated and any(prefix.is_whole for prefix in prefixes):
        raise truncated(log_file.path, "it may become the archive of a file that is loaded already, so it waits")
    # Another name on the same inode is an inode that was used again: a new file.
    if here and here.path == log_file.path:
        if not as_new:
            raise _changed(log_file, here)
        return Start(None, Fingerprint(), 0)
    if match:
        return Start(None, fingerprint, match.lines)
    return Start(None, Fingerprint(), 0)


def longest_match(pieces: Iterable[bytes], prefixes: Iterable[Prefix]) -> tuple[Prefix | None, Fingerprint, bool]:
    """The longest of ``prefixes`` that a content begins with, the fingerprint there, and whether it broke off before.

    Reads each byte once, and no further than the longest prefix.
    """
    best: Prefix | None = None
    best_fingerprint = fingerprint = Fingerprint()
    source = iter(pieces)
    rest = b""
    # Among equals the whole content last, so that it wins.
    for prefix in sorted(prefixes, key=lambda prefix: (prefix.length, prefix.is_whole)):
        try:
            while fingerprint.length < prefix.length:
                rest = rest or next(source)
                missing = prefix.length - fingerprint.length
                fingerprint.update(rest[:missing])
                rest = rest[missing:]
        except StopIteration:
            return best, best_fingerprint, False
        except TruncatedError:
            return best, best_fingerprint, True
        if fingerprint.content_hash == prefix.content_hash:
            best, best_fingerprint = prefix, fingerprint.copy()
    return best, best_fingerprint, False


def require_unchanged(log_file: LogFile, fingerprint: Fingerprint) -> None:
    """Before a batch is committed: what was read is still what the file, which is opened, begins with.

    Raises ChangedError if a plain file was cut off or written anew while it was read: then its lines may be of two
    contents. OSError if it cannot be read.
    """
    if log_file.compression != "none":
        return
    if as_it_is_now(log_file).size < fingerprint.length or not begins_with(log_file, fingerprint.head):
        raise ChangedError(
            f"{log_file.path} was cut off or written anew while it was read",
            "run the command again: what was loaded before stays; see docs/operations.md, Rotation of log files",
        )


def truncated(path: Path, consequence: str) -> FileError:
    return FileError(
        f"{path} breaks off or is damaged: {consequence}",
        "run the command again when it is complete; if it stays so, restore it from its origin",
    )


def _unchanged_before_position(log_file: LogFile, here: KnownFile) -> Fingerprint | None:
    """The fingerprint at the position if the head and the tail before it are as they were, else None."""
    if log_file.size < here.bytes_consumed:
        return None
    head = _head(log_file)
    if here.head_hash not in head_hashes(head[: here.head_bytes]):
        return None
    fingerprint = Fingerprint.at_tail(head, here.tail_chain_hash, here.bytes_consumed)
    for piece in _until(chunks(log_file, tail_start(here.bytes_consumed)), here.bytes_consumed - fingerprint.length):
        fingerprint.update(piece)
    return fingerprint if fingerprint.content_hash == here.content_hash else None


def _head(log_file: LogFile) -> bytes:
    head = b""
    with suppress(TruncatedError):
        for piece in _until(chunks(log_file), HEAD_BYTES):
            head += piece
    return head


def _until(pieces: Iterator[bytes], length: int) -> Iterator[bytes]:
    """The first ``length`` bytes."""
    while length > 0:
        piece = next(pieces, b"")
        if not piece:
            return
        yield piece[:length]
        length -= len(piece)


def _is_elsewhere(known: KnownFile, log_file: LogFile) -> bool:
    """Whether the known content is still at its place, which is not that of ``log_file``."""
    if known.path == log_file.path:
        return False
    try:
        there = look_at(known.path)
        if (there.device, there.inode) != (known.device, known.inode):
            return False
        if there.compression != "none":
            return True
        # A program that rotates by copying cuts the original off: then the copy takes its place.
        with opened(there) as file:
            head = _head(file)[: known.head_bytes]
            return file.size >= known.bytes_consumed and known.head_hash in head_hashes(head)
    except (FileError, OSError):
        return False


def _changed(log_file: LogFile, here: KnownFile) -> ChangedError:
    problem = (
        f"shrank to {log_file.size} bytes"
        if log_file.compression == "none" and log_file.size < here.bytes_consumed
        else "changed"
    )
    return ChangedError(
        f"{log_file.path} {problem} below its position ({here.bytes_consumed} bytes, {here.lines_consumed} lines)",
        "if the new content is right, run the command with --as-new: it is read from the start, "
        "and events that come twice are told by their event_id",
    )
