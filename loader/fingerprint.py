"""The growing hash that says whether a file is one we know, and up to where.

A plain hash over everything consumed could not be continued without reading the file again. So the bytes are hashed
in blocks of 64 KiB, each block's hash beginning with the one before: the value at the start of the last full block is
enough to go on, and reading from there (64 to 128 KiB) proves at the same time that the file did not change there.
SHA-256, because processors compute it: 1600 MB/s where BLAKE2b makes 700.
"""

import hashlib
from typing import Self

HEAD_BYTES = 4096
_BLOCK = 64 * 1024


def head_hashes(head: bytes) -> list[bytes]:
    """Hashes of all heads that a file beginning with ``head`` may be known by, longest first.

    Heads are as long as the largest power of two within the consumed bytes, so thirteen lengths cover every file.
    """
    lengths = (1 << power for power in range(HEAD_BYTES.bit_length() - 1, -1, -1))
    return [_digest(head[:length]) for length in lengths if length <= len(head)]


def tail_start(length: int) -> int:
    """Where the tail of a file with ``length`` consumed bytes begins: one full block before the last boundary."""
    return max(0, length // _BLOCK - 1) * _BLOCK


class Fingerprint:
    """Hash chain over the bytes given to :meth:`update`, resumable at :attr:`length`."""

    def __init__(self) -> None:
        self.length = 0
        self.head = b""
        self.last_byte = b""
        self._chain = self._chain_before = b""
        self._block = hashlib.sha256(usedforsecurity=False)

    @classmethod
    def at_tail(cls, head: bytes, tail_chain: bytes, length: int) -> Self:
        """The fingerprint as it was at the tail's start of a file with ``length`` bytes; feed it the tail next."""
        fingerprint = cls()
        fingerprint.length = tail_start(length)
        fingerprint.head = head[: min(HEAD_BYTES, fingerprint.length)]
        fingerprint._chain = tail_chain
        fingerprint._block = hashlib.sha256(tail_chain, usedforsecurity=False)
        return fingerprint

    def update(self, data: bytes) -> None:
        """Take in the next bytes."""
        if len(self.head) < HEAD_BYTES:
            self.head += data[: HEAD_BYTES - len(self.head)]
        self.last_byte = data[-1:] or self.last_byte
        start = 0
        while start < len(data):
            room = _BLOCK - self.length % _BLOCK
            piece = memoryview(data)[start : start + room]
            self._block.update(piece)
            self.length += len(piece)
            start += len(piece)
            if len(piece) == room:
                self._chain_before, self._chain = self._chain, self._block.digest()
                self._block = hashlib.sha256(self._chain, usedforsecurity=False)

    def copy(self) -> "Fingerprint":
        """An independent fingerprint of the same bytes."""
        twin = Fingerprint()
        twin.length, twin.head, twin.last_byte = self.length, self.head, self.last_byte
        twin._chain, twin._chain_before = self._chain, self._chain_before
        twin._block = self._block.copy()
        return twin

    @property
    def content_hash(self) -> bytes:
        """Hash of all bytes so far."""
        return self._block.digest()

    @property
    def tail_chain_hash(self) -> bytes:
        """Value of the chain at :func:`tail_start`, for :meth:`at_tail`."""
        return self._chain_before if self.length >= _BLOCK else self._chain

    @property
    def head_bytes(self) -> int:
        """Length of the head that this content is known by; 0 for no bytes."""
        return 1 << len(self.head).bit_length() - 1 if self.head else 0

    @property
    def head_hash(self) -> bytes:
        """Hash of the first :attr:`head_bytes` bytes."""
        return _digest(self.head[: self.head_bytes])


def _digest(data: bytes) -> bytes:
    return hashlib.sha256(data, usedforsecurity=False).digest()
