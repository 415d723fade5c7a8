"""The import of LangGraph's conversations: what is new in each thread, into a log folder."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from .langgraph_checkpoint import Checkpoint, Reading
from .langgraph_conversation import Conversation, Told, chosen_nodes
from .langgraph_lines import LineWriter
from .langgraph_message import key_of
from .langgraph_position import Place, mark, positions
from .langgraph_threads import Thread, Threads


@dataclass
class Imported:
    """What an import did. path: the log file, None where nothing was new. nodes: those that were chosen."""

    threads: int = 0
    threads_read: int = 0
    events: int = 0
    path: Path | None = None
    nodes: set[str] = field(default_factory=set)


def import_threads(
    threads: Threads,
    folder: Path,
    reading: Reading,
    *,
    product: str,
    tenant_id: str,
    since: datetime | None = None,
    capture_text: bool = False,
) -> Imported:
    """Write what is new. since: threads without a step from then on are left out, the others are taken whole.

    The file appears before the positions are saved: whoever is killed in between writes the same events again, with
    the same ids. Raises ImportRefusedError.
    """
    done = Imported()
    with positions(folder, f"{product} {tenant_id}") as known:
        with LineWriter(folder, product, tenant_id, capture_text=capture_text) as lines:
            for thread in threads:
                done.threads += 1
                place = known.get(thread.thread_id)
                if _is_as_it_was(thread, place) or (since is not None and thread.last_at < since):
                    continue
                done.threads_read += 1
                checkpoints = list(threads.checkpoints(thread.thread_id))
                conversation = Conversation(thread.thread_id, reading)
                for told in _new(conversation, checkpoints, place, done.nodes):
                    lines.write(thread.thread_id, told.key, told.at, told.event)
                known.put(thread.thread_id, _place(thread, checkpoints, reading))
        done.events = lines.count
        done.path = lines.path if lines.count else None
        known.save()
    return done


def _is_as_it_was(thread: Thread, place: Place | None) -> bool:
    return place is not None and (place.checkpoint_id, place.writes) == (thread.checkpoint_id, thread.writes)


def _new(
    conversation: Conversation, checkpoints: list[Checkpoint], place: Place | None, nodes: set[str]
) -> Iterator[Told]:
    """What is told behind a place; all, where there is none."""
    versions: dict[str, object] = {}
    for checkpoint in checkpoints:
        nodes |= chosen_nodes(checkpoint, versions)
        versions = dict(checkpoint.versions)
        for told in conversation.take(checkpoint):
            if place is None or _is_behind(place, checkpoint, told):
                yield told


def _is_behind(place: Place, checkpoint: Checkpoint, told: Told) -> bool:
    if checkpoint.checkpoint_id == place.checkpoint_id:
        return told.is_pending and mark(told.key) not in place.pending
    if checkpoint.checkpoint_id < place.checkpoint_id or told.key == "start":
        return False
    return told.message is None or mark(told.message) not in place.messages


def _place(thread: Thread, checkpoints: list[Checkpoint], reading: Reading) -> Place:
    last = checkpoints[-1]
    messages = last.values.get(reading.messages)
    keys = [key_of(message, position) for position, message in enumerate(messages or [])]
    # Told once more, by itself: only its interrupts and errors are asked for.
    pending = [told.key for told in Conversation("", reading).take(last) if told.is_pending]
    return Place(last.checkpoint_id, tuple(map(mark, keys)), tuple(map(mark, pending)), thread.writes)
