"""The name of a content while it is loaded: copies, rotated, renamed and compressed twins of a file share it."""

import hashlib

from .sources import LogFile, TruncatedError, chunks

_KEY_BYTES = 4096


def content_key(log_file: LogFile) -> int | None:
    """Key of the content of an opened file, a signed 64-bit integer; None while no line of it is complete.

    It is made of the first line, cut at 4096 bytes, so it never changes while the file grows. Contents of which the
    first lines are equal share it, which costs them no more than to be loaded one after the other.
    Raises OSError if the file cannot be read.
    """
    head = b""
    try:
        for piece in chunks(log_file):
            head += piece
            line, newline, _ = head.partition(b"\n")
            if newline or len(line) >= _KEY_BYTES:
                return _key(line)
    except TruncatedError:
        return None
    # An archive's last line is complete without a newline.
    return _key(head) if head and log_file.compression != "none" else None


def key_of_head(head: bytes) -> int | None:
    """The key of a content that begins with ``head``, its first 4096 bytes or all of it, ending with a whole line."""
    return _key(head.partition(b"\n")[0]) if head else None


def _key(line: bytes) -> int:
    digest = hashlib.sha256(line[:_KEY_BYTES], usedforsecurity=False).digest()
    return int.from_bytes(digest[:8], signed=True)
