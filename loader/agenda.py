"""Which file is next: what cannot be done yet comes again after all others."""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from .errors import ChangedError, UnplacedError
from .sources import LogFile
from .summary import FileResult


@dataclass(frozen=True, slots=True)
class Task:
    """A file to load, and what became of it so far.

    wait: for the loader that has its content. is_last_try: it could not be told what it is when it was tried before.
    """

    log_file: LogFile
    result: FileResult
    wait: bool = False
    is_last_try: bool = False


class Agenda:
    """The files of a run that are still to be loaded, in the order given."""

    def __init__(self, log_files: Iterable[LogFile]) -> None:
        self._tasks = deque(Task(log_file, FileResult(str(log_file.path))) for log_file in log_files)

    def __len__(self) -> int:
        return len(self._tasks)

    def __iter__(self) -> Iterator[Task]:
        return iter(self._tasks)

    @property
    def lines_begun(self) -> int:
        """Lines that are loaded of files that are still to be finished."""
        return sum(task.result.lines_read for task in self._tasks)

    def largest_first(self) -> None:
        """So that no worker is left alone with a large file at the end."""
        self._tasks = deque(sorted(self._tasks, key=lambda task: -task.log_file.size))

    def take(self) -> Task | None:
        return self._tasks.popleft() if self._tasks else None

    def remove(self, task: Task) -> None:
        self._tasks.remove(task)

    def give_back(self, task: Task) -> None:
        """A task that broke off is the next again."""
        self._tasks.appendleft(task)

    def put_off(self, task: Task) -> None:
        """Another loader has the content: wait for it when nothing else is left."""
        self._tasks.append(replace(task, wait=True))

    def try_again(self, task: Task) -> bool:
        """Put off a file that changed, or that may be a copy of one that has moved, once; else False.

        When a program rotates by copying, the copy may be among the files that come later. It takes the place of the
        original, which then is a new file. When it rotates by renaming, a copy is compared with what it was copied from
        once that was found under its new name.
        """
        if task.is_last_try or not isinstance(task.result.error, ChangedError | UnplacedError):
            return False
        task.result.error = None
        self._tasks.append(replace(task, is_last_try=True))
        return True
