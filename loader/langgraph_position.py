"""How far LangGraph threads have been imported: a file beside the logs, so that a later import brings what is new."""

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from .errors import ImportRefusedError

NAME = ".langgraph-import.json"


@dataclass(frozen=True)
class Place:
    """Where the import of a thread stands.

    checkpoint_id: the last one. messages: marks of the messages in it, which so are known even when the product has
    deleted the checkpoints before. pending: marks of what it told of the step that follows. writes: how many writes of
    that step there were.
    """

    checkpoint_id: str
    messages: tuple[str, ...]
    pending: tuple[str, ...]
    writes: int


class Positions:
    """The places of the threads of one product and tenant."""

    def __init__(self, path: Path, source: str) -> None:
        self._path = path
        self._source = source
        self._all = _read(path)
        self._places: dict[str, Any] = self._all.setdefault(source, {})

    def get(self, thread_id: str) -> Place | None:
        """The place of a thread; None for a new one."""
        found = self._places.get(thread_id)
        if found is None:
            return None
        return Place(found["checkpoint_id"], tuple(found["messages"]), tuple(found["pending"]), found["writes"])

    def put(self, thread_id: str, place: Place) -> None:
        """Remember a place; nothing is written yet."""
        self._places[thread_id] = asdict(place)

    def save(self) -> None:
        """Write all places, in one step."""
        part = self._path.with_suffix(".part")
        part.write_text(json.dumps(self._all, separators=(",", ":")), encoding="utf-8")
        part.replace(self._path)


@contextmanager
def positions(folder: Path, source: str) -> Iterator[Positions]:
    """The positions kept in a folder, for this process alone.

    Raises ImportRefusedError where another import is at work there, or the folder or the file is none.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / ".langgraph-import.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise ImportRefusedError(
                    f"another import writes to {folder}", "wait for its end, or choose another folder with --out"
                ) from None
            yield Positions(folder / NAME, source)
    except OSError as error:
        raise ImportRefusedError(
            f"{folder} cannot be written: {error.strerror}", "choose a folder with --out that you may write to"
        ) from None


def mark(key: str) -> str:
    """A short mark of a key: enough for the messages of one thread, and nothing of their ids."""
    return sha256(key.encode()).hexdigest()[:12]


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (ValueError, UnicodeDecodeError):
        found = None
    if not isinstance(found, dict):
        raise ImportRefusedError(
            f"{path} is no record of an import",
            "delete it: the next import writes everything again, and the warehouse drops what it has already",
        )
    return found
