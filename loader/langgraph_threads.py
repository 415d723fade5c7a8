"""The threads in a product's database, read through LangGraph's own library, and never written."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import errors
from psycopg.rows import DictRow, dict_row

from .errors import ImportRefusedError
from .langgraph_checkpoint import Checkpoint

if TYPE_CHECKING:
    from langgraph.checkpoint.base import CheckpointTuple

# Of the root graph alone: what its subgraphs say arrives there, and so do their interrupts.
_THREADS = """
select
    thread_id,
    max(checkpoint_id) as checkpoint_id,
    max(checkpoint ->> 'ts') as last_at,
    (
        select count(*) from checkpoint_writes as writes
        where
            writes.thread_id = checkpoints.thread_id and writes.checkpoint_ns = ''
            and writes.checkpoint_id = max(checkpoints.checkpoint_id)
    ) as writes
from checkpoints
where checkpoint_ns = ''
group by thread_id
order by thread_id
"""


@dataclass(frozen=True)
class Thread:
    """A thread and its newest checkpoint: its id, its time, and how many writes of the next step there are."""

    thread_id: str
    checkpoint_id: str
    last_at: datetime
    writes: int


class Threads:
    """A database with checkpoints, seen as it was when it was opened."""

    def __init__(self, connection: "psycopg.Connection[DictRow]") -> None:
        saver_class, serializer = _library()
        self._connection = connection
        self._saver = saver_class(connection, serde=serializer)

    def __iter__(self) -> Iterator[Thread]:
        for row in self._connection.execute(_THREADS).fetchall():
            last_at = datetime.fromisoformat(row["last_at"])
            yield Thread(row["thread_id"], row["checkpoint_id"], last_at, row["writes"])

    def checkpoints(self, thread_id: str) -> Iterator[Checkpoint]:
        """The checkpoints of a thread, oldest first."""
        config = {"configurable": {"thread_id": thread_id, "checkpoint_ns": ""}}
        for found in reversed(list(self._saver.list(config))):
            yield _checkpoint(found)


@contextmanager
def open_threads(dsn: str) -> Iterator[Threads]:
    """The threads of a database; one snapshot, read-only. No message holds the address or a value.

    Raises ImportRefusedError where the library is missing, or the database cannot be reached or read.
    """
    _library()
    try:
        with psycopg.connect(dsn, autocommit=True, connect_timeout=10, row_factory=dict_row) as connection:
            connection.execute("set default_transaction_read_only = on")
            with connection.transaction():
                connection.execute("set transaction isolation level repeatable read")
                yield Threads(connection)
    except psycopg.Error as error:
        raise _refused(error) from None


def _library() -> tuple[Any, Any]:
    """LangGraph's reader, and its decoder in the strict mode: no checkpoint can make it run anything."""
    try:
        from langgraph.checkpoint.postgres import PostgresSaver  # noqa: PLC0415 - an extra, for this command alone
        from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise ImportRefusedError(
            f"LangGraph's checkpoints cannot be read without its library: {error.name} is not installed",
            "install it where the loader is: pip install '.[langgraph]'",
        ) from None
    # Types of the product's own come as plain data then, which it says of each.
    logging.getLogger("langgraph.checkpoint").setLevel(logging.ERROR)
    return PostgresSaver, JsonPlusSerializer(allowed_msgpack_modules=None)


def _checkpoint(found: "CheckpointTuple") -> Checkpoint:
    state = found.checkpoint
    metadata: Mapping[str, Any] = dict(found.metadata)
    return Checkpoint(
        checkpoint_id=state["id"],
        at=datetime.fromisoformat(state["ts"]).timestamp(),
        source=str(metadata.get("source", "")),
        values=state["channel_values"],
        versions=state["channel_versions"],
        writes=found.pending_writes or (),
        metadata=metadata,
    )


def _refused(error: psycopg.Error) -> ImportRefusedError:
    if isinstance(error, (errors.UndefinedTable, errors.UndefinedColumn)):
        return ImportRefusedError(
            "the database has no checkpoints of LangGraph, or those of a version before 2.0 of its library",
            "name the product's database, and its schema if it has one: ?options=-csearch_path%3DSCHEMA; or let the "
            "product call setup() of its PostgresSaver",
        )
    if isinstance(error, errors.InsufficientPrivilege):
        return ImportRefusedError(
            f"the user may not read the checkpoints: {error.diag.message_primary}",
            "grant select on checkpoints, checkpoint_blobs, checkpoint_writes to this user",
        )
    # Of an address that is none, the driver quotes all of it, and so perhaps a password.
    is_told = isinstance(error, psycopg.OperationalError)
    words = error.diag.message_primary or (" ".join(str(error).split()) if is_told else type(error).__name__)
    return ImportRefusedError(
        f"the product's database cannot be read: {words}", "see that it runs, and mend LANGGRAPH_DATABASE_URL"
    )
