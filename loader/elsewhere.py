"""Known contents where they were last seen: is one still there, and is a file an earlier state of it?"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from .errors import FileError
from .fingerprint import Fingerprint, head_hashes
from .known import KnownFile
from .sources import LogFile, TruncatedError, chunks, look_at, opened


def is_elsewhere(known: KnownFile, log_file: LogFile) -> bool:
    """Whether the file of a known content is still at its place, which is not that of ``log_file``.

    Also if it was cut off there: an equal copy does not take its place, for what was cut off may be more than it holds.
    """
    if known.path == log_file.path:
        return False
    with suppress(FileError):
        there = look_at(known.path)
        return (there.device, there.inode) == (known.device, known.inode)
    return False


def earlier_state(log_file: LogFile, known: KnownFile) -> Fingerprint | None:
    """The fingerprint of all of an opened file if it is the beginning of a known content that is still at its place.

    Loads leave hashes where they ended; a copy that was made between two of them can only be compared byte by byte.
    Raises OSError if the file cannot be read, TruncatedError if it is an archive that breaks off.
    """
    with _at_place(known) as there:
        if there is None:
            return None
        original = _Bytes(until(chunks(there), known.bytes_consumed))
        fingerprint = Fingerprint()
        for piece in chunks(log_file):
            if original.read(len(piece)) != piece:
                return None
            fingerprint.update(piece)
        return fingerprint


def is_at_place(known: KnownFile) -> bool:
    """Whether the file of a known content is where it was last seen, and can be read."""
    with _at_place(known) as there:
        return there is not None


def is_shorter(log_file: LogFile, length: int) -> bool:
    """Whether the decompressed content of an opened file has less than ``length`` bytes.

    Raises OSError if the file cannot be read, TruncatedError if it is an archive that breaks off before.
    """
    if log_file.compression == "none":
        return log_file.size < length
    return sum(map(len, until(chunks(log_file), length))) < length


class _Bytes:
    """A stream of pieces, read in other pieces. What it breaks off at is its end."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = b""

    def read(self, size: int) -> bytes:
        with suppress(TruncatedError):
            while len(self._rest) < size and (piece := next(self._pieces, b"")):
                self._rest += piece
        found, self._rest = self._rest[:size], self._rest[size:]
        return found


def until(pieces: Iterator[bytes], length: int) -> Iterator[bytes]:
    """The first ``length`` bytes."""
    while length > 0:
        piece = next(pieces, b"")
        if not piece:
            return
        yield piece[:length]
        length -= len(piece)


@contextmanager
def _at_place(known: KnownFile) -> Iterator[LogFile | None]:
    """The file of a known content, opened; None if it is no longer there, or holds another content."""
    try:
        there = look_at(known.path)
        opening = opened(there) if (there.device, there.inode) == (known.device, known.inode) else None
        file = opening.__enter__() if opening else None
    except (FileError, OSError):
        opening = file = None
    try:
        yield file if file and _holds(file, known) else None
    finally:
        if opening:
            opening.__exit__(None, None, None)


def _holds(file: LogFile, known: KnownFile) -> bool:
    """Whether a file holds the known content, as far as its head tells.

    A program that rotates by copying cuts the original off; then the copy takes its place.
    """
    if file.compression != "none":
        return True
    try:
        head = b"".join(until(chunks(file), known.head_bytes))
    except OSError:
        return False
    return file.size >= known.bytes_consumed and known.head_hash in head_hashes(head)
