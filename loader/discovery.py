"""From the paths of a command line to log files."""

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from .errors import FileError, UsageError
from .sources import LogFile, compression_of, look_at, unreadable

_ENDINGS = "*.jsonl, *.ndjson, alone or as .gz or .zst"


def find_files(paths: Iterable[Path], *, must_exist: bool = True) -> tuple[list[LogFile], list[FileError]]:
    """The log files under ``paths``, each once and sorted by folder, and those that cannot be looked at.

    must_exist: else a folder may be empty, and a log file may be missing from a folder that is there.
    Raises UsageError for a path that is missing, is no log file by name, or is a folder without log files.
    """
    files: dict[tuple[int, int], LogFile] = {}
    errors: list[FileError] = []
    for given in paths:
        path = Path(os.path.abspath(given))  # noqa: PTH100 - resolve() fails on circular links
        for found in _expanded(path, errors, must_exist=must_exist):
            try:
                _require_text(found)
                log_file = look_at(found)
            except FileError as error:
                errors.append(error)
            else:
                files.setdefault((log_file.device, log_file.inode), log_file)
    return list(files.values()), errors


def _expanded(path: Path, errors: list[FileError], *, must_exist: bool) -> list[Path]:
    mode = _mode(path)
    if stat.S_ISDIR(mode):
        before = len(errors)
        found = sorted(_walk(path, set(), errors))
        if must_exist and not found and len(errors) == before:
            raise UsageError(f"there are no log files in {path}", f"give a folder with files named {_ENDINGS}")
        return found
    if not os.path.lexists(path):
        if not must_exist and compression_of(path) and path.parent.is_dir():
            return []
        raise UsageError(f"{path} does not exist", "give a log file or a folder of them")
    if compression_of(path) is None:
        raise UsageError(f"{path} is not named like a log file", f"log files are named {_ENDINGS}")
    if mode and not stat.S_ISREG(mode):
        raise UsageError(f"{path} is neither a file nor a folder", "give a log file or a folder of them")
    return [path]


def _require_text(path: Path) -> None:
    """A path is kept in the database as text, so one that is none cannot be loaded."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        raise FileError(f"{str(path)!a}: the name is not UTF-8", "rename it, then run the command again") from None


def _walk(folder: Path, entered: set[tuple[int, int]], errors: list[FileError]) -> Iterator[Path]:
    """Log files below ``folder``; links are followed, but no folder is entered twice."""
    try:
        place = (folder.stat().st_dev, folder.stat().st_ino)
        paths = list(folder.iterdir()) if place not in entered else []
    except OSError as error:
        errors.append(unreadable(folder, error))
        return
    entered.add(place)
    for path in paths:
        mode = _mode(path)
        if stat.S_ISDIR(mode):
            yield from _walk(path, entered, errors)
        elif compression_of(path) and (stat.S_ISREG(mode) or not mode):
            yield path


def _mode(path: Path) -> int:
    """Kind and rights of what is at ``path``; 0 if it cannot be looked at, which is told when it is to be read."""
    try:
        return path.stat().st_mode
    except OSError:
        return 0
