"""Which files were written to just now: told by the operating system, or nobody, and then one has to look."""

import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from watchfiles import Change, watch

from .errors import RefusedError
from .sources import compression_of

# A file that is written to all the time makes one load a second; one that was silent is loaded at once.
_DEBOUNCE_MS = 1_000
_STEP_MS = 50
_TICK_MS = 500


class Watch:
    """Notices changes below ``paths``, which are absolute: folders with all that is in them, and files by name.

    poll: notice nothing by itself, for file systems that do not tell.
    """

    def __init__(self, paths: Sequence[Path], *, poll: bool) -> None:
        self._paths = paths
        self._poll = poll
        self._roots: dict[Path, tuple[int, int]] = {}
        self._source: Iterator[set[Path]] | None = None

    def renew(self) -> bool:
        """Watch folders that are there since, or there anew. True if any is; then what was in them is not told."""
        roots = {} if self._poll else _places({path if path.is_dir() else path.parent for path in self._paths})
        if roots == self._roots:
            return False
        self._roots = roots
        self._source = self._changes() if roots else None
        # It begins to watch when it is asked for the first time.
        self.changes()
        return True

    def changes(self) -> set[Path]:
        """Files and folders that were made or written to; after half a second none.

        Raises RefusedError if the operating system watches no more.
        """
        try:
            if self._source is not None:
                return next(self._source)
        except (OSError, RuntimeError) as error:
            raise RefusedError(
                f"the operating system does not watch the folders: {error}",
                "raise fs.inotify.max_user_watches and max_user_instances, or use --poll",
            ) from None
        time.sleep(_TICK_MS / 1000)
        return set()

    def _changes(self) -> Iterator[set[Path]]:
        folders = [path for path in self._paths if path.is_dir()]
        # By name, and not the file itself: after a rotation another one has the name.
        files = set(self._paths) - set(folders)

        def concerns(change: Change, name: str) -> bool:
            path = Path(name)
            if change == Change.deleted:
                return False
            is_below = any(folder in path.parents for folder in folders)
            return path in files or (is_below and (compression_of(path) is not None or path.is_dir()))

        for found in watch(
            *self._roots,
            watch_filter=concerns,
            debounce=_DEBOUNCE_MS,
            step=_STEP_MS,
            rust_timeout=_TICK_MS,
            yield_on_timeout=True,
            force_polling=False,
            recursive=bool(folders),
        ):
            yield {Path(name) for _, name in found}


def _places(folders: set[Path]) -> dict[Path, tuple[int, int]]:
    """Device and inode of those folders that are there."""
    places = {}
    for folder in folders:
        with suppress(OSError):
            found = folder.stat()
            places[folder] = (found.st_dev, found.st_ino)
    return places
