"""Setting a database up: schemas, tables, roles, the key of the hashes. Safe to repeat."""

import secrets
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

import psycopg
from psycopg import errors, sql

from .errors import DatabaseError

#: Raised by one with every change to the files below.
SCHEMA_VERSION = 2

_SCRIPTS = ("schema.sql", "roles.sql")
# Two set-ups at once would both find something missing and both make it.
_LOCK_KEY = 0x696E_6974


def set_up(connection: psycopg.Connection[Any], passwords: Mapping[str, str] | None = None) -> None:
    """Make what is missing, as the owner of the database, in one transaction.

    passwords: of the roles that may log in, by role; none where the server has its own ways to authenticate.
    Raises DatabaseError if the connected user may not do it.
    """
    try:
        with connection.transaction():
            connection.execute("select pg_advisory_xact_lock(%s)", (_LOCK_KEY,))
            for script in _SCRIPTS:
                connection.execute(files("loader").joinpath(script).read_bytes())
            connection.execute(
                "insert into raw.hash_key (hash_key) values (%s) on conflict do nothing", (secrets.token_hex(32),)
            )
            connection.execute(
                "insert into raw.schema_versions (schema_version) values (%s) on conflict do nothing",
                (SCHEMA_VERSION,),
            )
            for role, password in (passwords or {}).items():
                # A parameter cannot stand here; the literal goes over loopback and never into a log.
                statement = sql.SQL("alter role {} login password {}")
                connection.execute(statement.format(sql.Identifier(role), sql.Literal(password)))
    except errors.InsufficientPrivilege as error:
        raise DatabaseError(
            f"{connection.info.user} may not set up the database {connection.info.dbname}: "
            f"{error.diag.message_primary}",
            "connect as the database's owner with the right to create roles, or let an administrator run: loader init",
        ) from None


def is_set_up(connection: psycopg.Connection[Any]) -> bool:
    """Whether the database has this version's schema."""
    row = connection.execute("select to_regclass('raw.schema_versions') is not null").fetchone()
    if row is None or not row[0]:
        return False
    row = connection.execute("select max(schema_version) from raw.schema_versions").fetchone()
    return row is not None and row[0] == SCHEMA_VERSION


def make_database(connection: psycopg.Connection[Any], name: str) -> None:
    """Make a database if it is missing, closed to all but the roles that :func:`set_up` lets in.

    Others who make one wait until ``connection`` is closed.
    """
    connection.execute("select pg_advisory_lock(%s)", (_LOCK_KEY,))
    if connection.execute("select 1 from pg_database where datname = %s", (name,)).fetchone():
        return
    connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    connection.execute(sql.SQL("revoke all on database {} from public").format(sql.Identifier(name)))
