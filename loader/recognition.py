"""Which content a file is, whatever its name: where to go on in it, or why not to."""

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from .content_key import content_key
from .elsewhere import earlier_state, is_at_place, is_elsewhere, is_shorter, until
from .errors import ChangedError, FileError, UnplacedError
from .fingerprint import HEAD_BYTES, Fingerprint, head_hashes, tail_start
from .known import KnownFile, KnownFiles, Prefix
from .sources import LogFile, TruncatedError, as_it_is_now, begins_with, chunks


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
    Raises ChangedError for such a file, UnplacedError for what may be a copy of a file that has moved, FileError for an
    archive that is being written, OSError if it cannot be read.
    """
    here = known.at_place(log_file.device, log_file.inode)
    if here and log_file.compression == "none" and not (verify or here.is_touched(log_file)):
        fingerprint = _unchanged_before_position(log_file, here)
        if fingerprint:
            return Start(here.source_file_id, fingerprint, here.lines_consumed)

    prefixes = known.prefixes(head_hashes(_head(log_file)))
    match, fingerprint, was_truncated = longest_match(chunks(log_file), prefixes)
    if match and match.is_whole:
        elsewhere = is_elsewhere(known.place_of(match.source_file_id), log_file)
        return Start(match.source_file_id, fingerprint, match.lines, elsewhere)
    if was_truncated and any(prefix.is_whole for prefix in prefixes):
        raise _unfinished(log_file)
    # Another name on the same inode is an inode that was used again: a new file.
    if here and here.path == log_file.path:
        if not as_new:
            raise _changed(log_file, here)
        return Start(None, Fingerprint(), 0)
    copy = _copy_of_earlier_state(log_file, known, as_new=as_new)
    return copy or Start(None, fingerprint, match.lines if match else 0)


def _copy_of_earlier_state(log_file: LogFile, known: KnownFiles, *, as_new: bool) -> Start | None:
    """The end of the file, if a known content begins with all of it: there is nothing to load."""
    key = content_key(log_file)
    unplaced: KnownFile | None = None
    try:
        for twin in known.with_key(key) if key is not None else ():
            fingerprint = earlier_state(log_file, twin)
            if fingerprint:
                return Start(twin.source_file_id, fingerprint, twin.lines_consumed, is_elsewhere=True)
            # Asked afterwards: it may have been moved while it was compared.
            if not is_at_place(twin) and is_shorter(log_file, twin.bytes_consumed):
                unplaced = twin
    except TruncatedError:
        raise _unfinished(log_file) from None
    if unplaced and not as_new:
        raise UnplacedError(
            f"{log_file.path} may be a copy of an earlier state of {unplaced.path}, which is no longer there",
            "run the command again with the file that it was copied from among the paths; if that is gone for good, "
            "delete the copy, or load it with --as-new: events that come twice are told by their event_id",
        )
    return None


def longest_match(pieces: Iterable[bytes], prefixes: Iterable[Prefix]) -> tuple[Prefix | None, Fingerprint, bool]:
    """The longest of ``prefixes`` that a content begins with, the fingerprint there, and whether it broke off before.

    Reads each byte once, and no further than the longest prefix.
    """
    best: Prefix | None = None
    # Two of them: without a match nothing is behind us, however far it was read.
    best_fingerprint, fingerprint = Fingerprint(), Fingerprint()
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


def _unfinished(log_file: LogFile) -> FileError:
    return truncated(log_file.path, "it may become the archive of a file that is loaded already, so it waits")


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
    for piece in until(chunks(log_file, tail_start(here.bytes_consumed)), here.bytes_consumed - fingerprint.length):
        fingerprint.update(piece)
    return fingerprint if fingerprint.content_hash == here.content_hash else None


def _head(log_file: LogFile) -> bytes:
    head = b""
    with suppress(TruncatedError):
        for piece in until(chunks(log_file), HEAD_BYTES):
            head += piece
    return head


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
