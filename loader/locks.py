"""Advisory locks of the database: what loaders may do at once, and what must be alone.

====================================  ==========================  ===================================================
lock                                  held                        by
====================================  ==========================  ===================================================
of all loads, shared                  for a transaction           each batch of each loader
of all loads, alone                   until the connection ends   what changes loads: prune, erase
of a content (see ``content_key``)    for a file                  the loader that recognises and loads it
====================================  ==========================  ===================================================

The server frees them when a loader ends, however it ends. A pool that gives each transaction another connection
(PgBouncer's transaction mode) would not keep them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import errors, sql

from .errors import DatabaseError

# Any constant does, as long as every loader of the database takes the same one.
_LOADS = 0x6C6F_6164_6572


def share_loads(connection: psycopg.Connection[Any]) -> None:
    """In a batch's transaction, before anything else: wait until nobody has the loads alone, and keep it so."""
    connection.execute("select pg_advisory_xact_lock_shared(%s)", (_LOADS,))


def take_loads_alone(connection: psycopg.Connection[Any], *, timeout_ms: int) -> None:
    """Keep loaders out until the connection ends: the batches under way are waited for, no others begin.

    timeout_ms: how long to wait. Raises DatabaseError, which says who is in the way.
    """
    try:
        with connection.transaction():
            connection.execute(sql.SQL("set local lock_timeout = {}").format(timeout_ms))
            connection.execute("select pg_advisory_lock(%s)", (_LOADS,))
    except errors.LockNotAvailable:
        raise DatabaseError(
            f"others are at work in the database {connection.info.dbname}: {_holders(connection)}",
            "run the command again when they are done",
        ) from None


@contextmanager
def content_alone(connection: psycopg.Connection[Any], key: int, *, wait: bool) -> Iterator[bool]:
    """The content of that key for this loader; False if another one has it. wait: until it is free."""
    if wait:
        with connection.transaction():
            # How long a load takes is for nobody to limit who waits for it.
            connection.execute("set local statement_timeout = 0; set local lock_timeout = 0")
            connection.execute("select pg_advisory_lock(%s)", (key,))
        held = True
    else:
        row = connection.execute("select pg_try_advisory_lock(%s)", (key,)).fetchone()
        held = row is not None and bool(row[0])
    try:
        yield held
    finally:
        # Where the connection is broken, or on its way to be closed after a signal, the server frees the lock itself.
        if held and connection.info.transaction_status in _USABLE:
            connection.execute("select pg_advisory_unlock(%s)", (key,))


_USABLE = (psycopg.pq.TransactionStatus.IDLE, psycopg.pq.TransactionStatus.INTRANS)


def _holders(connection: psycopg.Connection[Any]) -> str:
    rows = connection.execute(
        "select coalesce(nullif(application_name, ''), usename, '?'), pid, client_addr::text"
        " from pg_locks inner join pg_stat_activity using (pid)"
        " where locktype = 'advisory' and granted and pid <> pg_backend_pid()"
        " and (classid::bigint << 32 | objid::bigint) = %s and objsubid = 1"
        " and pg_locks.database = (select oid from pg_database where datname = current_database())"
        " order by pid",
        (_LOADS,),
    ).fetchall()
    return (
        ", ".join(f"{name} (server process {pid}{f', from {place}' if place else ''})" for name, pid, place in rows)
        or "a loader that has ended since"
    )
