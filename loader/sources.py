"""Log files as streams of decompressed bytes, whatever they are packed in."""

import os
import zlib
from collections.abc import Iterator
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
    """One file as it stood when the run looked at it. Sizes and times are those of the packed file."""

    path: Path
    compression: str
    device: int
    inode: int
    size: int
    mtime_ns: int


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
    """The decompressed bytes from ``start`` on, in non-empty pieces.

    Raises OSError if the file cannot be read, TruncatedError where an archive breaks off.
    """
    if log_file.compression == "none":
        yield from _plain(log_file.path, start)
        return
    pieces = _gzip(log_file.path) if log_file.compression == "gzip" else _zstd(log_file.path)
    for piece in pieces:
        if start >= len(piece):
            start -= len(piece)
            continue
        yield piece[start:]
        start = 0


def _plain(path: Path, start: int) -> Iterator[bytes]:
    with path.open("rb", buffering=0) as stream:
        stream.seek(start, os.SEEK_SET)
        while piece := stream.read(_READ_BYTES):
            yield piece


def _gzip(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
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


def _zstd(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
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
