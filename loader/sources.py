"""Log files as streams of decompressed bytes, whatever they are packed in."""

import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, Protocol

import zstandard

from .errors import FileError

LOG_SUFFIXES = (".jsonl", ".ndjson")
_COMPRESSIONS = {".gz": "gzip", ".zst": "zstd"}
_READ_BYTES = 256 * 1024
# One KiB of zstd can hold 32 MiB of repetition (a 4-byte block stands for up to 128 KiB) and its decompressor takes no
# output limit; with pieces this small a hostile archive costs megabytes of memory, not all of it.
_ZSTD_PIECE_BYTES = 1024


class LogFile(NamedTuple):
    """One file as it stood when the run looked at it. Sizes and times are those of the packed file.

    descriptor: of the file while it is :func:`opened`.
    """

    path: Path
    compression: str
    device: int
    inode: int
    size: int
    mtime_ns: int
    descriptor: int | None = None


def compression_of(path: Path) -> str | None:
    """``none``, ``gzip`` or ``zstd``; None if the name is not that of a log file."""
    packed = _COMPRESSIONS.get(path.suffix)
    name = path.name.removesuffix(path.suffix) if packed else path.name
    return (packed or "none") if name.endswith(LOG_SUFFIXES) else None


def look_at(path: Path) -> LogFile:
    """The file's present state. Raises FileError if it cannot be looked at."""
    try:
        found = path.stat()
    except OSError as error:
        raise unreadable(path, error) from None
    compression = compression_of(path) or "none"
    return LogFile(path, compression, found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)


@contextmanager
def opened(log_file: LogFile) -> Iterator[LogFile]:
    """The file that is at the path now, held open. Raises OSError if it cannot be opened.

    Whatever becomes of the name meanwhile, all that is read of it is of one file, and no more than it held when it was
    opened, or looked at again with :func:`as_it_is_now`.
    """
    descriptor = os.open(log_file.path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        yield as_it_is_now(log_file._replace(descriptor=descriptor))
    finally:
        os.close(descriptor)


def as_it_is_now(log_file: LogFile) -> LogFile:
    """An opened file with its present size and time. Raises OSError."""
    found = os.fstat(_descriptor(log_file))
    return log_file._replace(device=found.st_dev, inode=found.st_ino, size=found.st_size, mtime_ns=found.st_mtime_ns)


def begins_with(log_file: LogFile, head: bytes) -> bool:
    """Whether the packed bytes of an opened file begin with ``head``, as the file is now. Raises OSError."""
    return os.pread(_descriptor(log_file), len(head), 0) == head


def _descriptor(log_file: LogFile) -> int:
    if log_file.descriptor is None:
        raise ValueError("the file is not open")
    return log_file.descriptor


def unreadable(path: Path, error: OSError) -> FileError:
    return FileError(f"{path} cannot be read: {error.strerror}", "check the file and the rights on it and its folder")


class TruncatedError(Exception):
    """An archive ended before its end, or is damaged from here on. Everything before was delivered."""


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, /) -> bytes: ...


def chunks(log_file: LogFile, start: int = 0) -> Iterator[bytes]:
    """The decompressed bytes of an opened file from ``start`` on, in non-empty pieces.

    Raises OSError if the file cannot be read, TruncatedError where an archive breaks off.
    """
    if log_file.compression == "none":
        yield from _plain(_Packed(log_file, start))
        return
    packed = _Packed(log_file)
    pieces = _gzip(packed) if log_file.compression == "gzip" else _zstd(packed)
    for piece in pieces:
        if start >= len(piece):
            start -= len(piece)
            continue
        yield piece[start:]
        start = 0


class _Packed:
    """The packed bytes of an opened file, up to its size when it was looked at. Each has a position of its own."""

    def __init__(self, log_file: LogFile, start: int = 0) -> None:
        self._descriptor = _descriptor(log_file)
        self._position = start
        self._end = log_file.size

    def read(self, size: int) -> bytes:
        piece = os.pread(self._descriptor, max(0, min(size, self._end - self._position)), self._position)
        self._position += len(piece)
        return piece


def _plain(stream: _Packed) -> Iterator[bytes]:
    while piece := stream.read(_READ_BYTES):
        yield piece


def _gzip(stream: _Packed) -> Iterator[bytes]:
    unpacker = zlib.decompressobj(wbits=31)
    packed = stream.read(_READ_BYTES)
    started = False
    while packed:
        started = True
        try:
            piece = unpacker.decompress(packed, _READ_BYTES)
        except zlib.error as error:
            raise TruncatedError("damaged") from error
        if piece:
            yield piece
        packed = unpacker.unconsumed_tail
        if unpacker.eof:
            # Archives may be several members in a row, padded with zeros.
            packed = unpacker.unused_data.lstrip(b"\0") or stream.read(_READ_BYTES).lstrip(b"\0")
            unpacker, started = zlib.decompressobj(wbits=31), False
        packed = packed or stream.read(_READ_BYTES)
    while started and (piece := unpacker.decompress(b"", _READ_BYTES)):
        yield piece
    if started and not unpacker.eof:
        raise TruncatedError("breaks off")


def _zstd(stream: _Packed) -> Iterator[bytes]:
    unpacker: _Decompressor = zstandard.ZstdDecompressor().decompressobj()
    started = False
    pieces: list[bytes] = []
    size = 0
    packed = stream.read(_ZSTD_PIECE_BYTES)
    while packed:
        started = True
        try:
            piece = unpacker.decompress(packed)
        except zstandard.ZstdError as error:
            if pieces:
                yield b"".join(pieces)
            raise TruncatedError("damaged") from error
        pieces.append(piece)
        size += len(piece)
        if size >= _READ_BYTES:
            yield b"".join(pieces)
            pieces, size = [], 0
        packed = b""
        if unpacker.eof:
            packed = unpacker.unused_data
            unpacker, started = zstandard.ZstdDecompressor().decompressobj(), False
        packed = packed or stream.read(_ZSTD_PIECE_BYTES)
    if size:
        yield b"".join(pieces)
    if started:
        raise TruncatedError("breaks off")
