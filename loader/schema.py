"""Setting a database up: schemas, tables, roles, the key of the hashes. Safe to repeat."""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.resources import files
from typing import Any

import psycopg
from psycopg import errors, sql

from .errors import DatabaseError
from .migrations import NEWEST_VERSION, apply_missing

#: The version that this loader works with; :mod:`loader.migrations` says how to raise it.
SCHEMA_VERSION = NEWEST_VERSION

# Run at every set-up, after the migrations.
_SCRIPTS = ("functions.sql", "roles.sql")
# Two set-ups at once would both find something missing and both make it.
_LOCK_KEY = 0x696E_6974
# Up to this one nothing but raw.schema_versions tells the version.
_LAST_BEFORE_ALEMBIC = 2


def set_up(connection: psycopg.Connection[Any], passwords: Mapping[str, str] | None = None) -> None:
    """Bring the raw schema to this loader's version, each version in one transaction; then roles, grants, functions.

    connection: in autocommit mode, as the owner of the database.
    passwords: of the roles that may log in, by role; none where the server has its own ways to authenticate.
    Raises DatabaseError if the connected user may not do it, or the database has a newer version.
    """
    try:
        with _alone(connection):
            version = database_version(connection)
            if version is not None and version > SCHEMA_VERSION:
                raise _too_new(connection, version)
            if version != SCHEMA_VERSION:
                _migrate(connection, version)
            with connection.transaction():
                _finish(connection, passwords or {})
    except errors.InsufficientPrivilege as error:
        raise DatabaseError(
            f"{connection.info.user} may not set up the database {connection.info.dbname}: "
            f"{error.diag.message_primary}",
            "connect as the database's owner with the right to create roles, or let an administrator run: loader init",
        ) from None


def database_version(connection: psycopg.Connection[Any]) -> int | None:
    """The version that the last complete set-up brought the database to; None if there was none.

    One cheap query. Raises psycopg.errors.InsufficientPrivilege for a user who may not look.
    """
    try:
        row = connection.execute("select max(schema_version) from raw.schema_versions").fetchone()
    except (errors.UndefinedTable, errors.InvalidSchemaName):
        return None
    return row[0] if row else None


def require_schema(connection: psycopg.Connection[Any]) -> None:
    """Raises DatabaseError if the database does not have this loader's version; the message says who is older."""
    name = connection.info.dbname
    try:
        version = database_version(connection)
    except errors.InsufficientPrivilege:
        version = None
    if version is None:
        raise DatabaseError(f"the database {name} is not set up for the loader", "run: loader init")
    if version > SCHEMA_VERSION:
        raise _too_new(connection, version)
    if version < SCHEMA_VERSION:
        raise DatabaseError(
            f"the database {name} has version {version} of the raw schema, this loader needs version {SCHEMA_VERSION}",
            "run: loader init",
        )


def make_database(connection: psycopg.Connection[Any], name: str) -> None:
    """Make a database if it is missing, closed to all but the roles that :func:`set_up` lets in.

    Others who make one wait until ``connection`` is closed.
    """
    connection.execute("select pg_advisory_lock(%s)", (_LOCK_KEY,))
    if connection.execute("select 1 from pg_database where datname = %s", (name,)).fetchone():
        return
    connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    connection.execute(sql.SQL("revoke all on database {} from public").format(sql.Identifier(name)))


@contextmanager
def _alone(connection: psycopg.Connection[Any]) -> Iterator[None]:
    """While no other set-up of this database is at work."""
    connection.execute("select pg_advisory_lock(%s)", (_LOCK_KEY,))
    try:
        yield
    finally:
        if not connection.broken:
            connection.execute("select pg_advisory_unlock(%s)", (_LOCK_KEY,))


def _migrate(connection: psycopg.Connection[Any], version: int | None) -> None:
    connection.execute("create schema if not exists raw")
    is_older_than_alembic = version is not None and version <= _LAST_BEFORE_ALEMBIC
    apply_missing(connection, adopt=version if is_older_than_alembic else None)


def _finish(connection: psycopg.Connection[Any], passwords: Mapping[str, str]) -> None:
    """What every set-up does. The version is noted last, so a set-up that broke off counts as none."""
    for script in _SCRIPTS:
        connection.execute(files("loader").joinpath(script).read_bytes())
    connection.execute(
        "insert into raw.hash_key (hash_key) values (%s) on conflict do nothing", (secrets.token_hex(32),)
    )
    for role, password in passwords.items():
        # A parameter cannot stand here; the literal goes over loopback and never into a log.
        statement = sql.SQL("alter role {} login password {}")
        connection.execute(statement.format(sql.Identifier(role), sql.Literal(password)))
    connection.execute(
        "insert into raw.schema_versions (schema_version) values (%s) on conflict do nothing", (SCHEMA_VERSION,)
    )


def _too_new(connection: psycopg.Connection[Any], version: int) -> DatabaseError:
    return DatabaseError(
        f"this loader is older than the database {connection.info.dbname}: it knows the raw schema up to version "
        f"{SCHEMA_VERSION}, the database has version {version}",
        "install the version of support-warehouse that brought the database there, or a newer one",
    )
