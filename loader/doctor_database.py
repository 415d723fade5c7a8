"""The doctor's questions to the database."""

import ipaddress
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, LiteralString

import psycopg
from psycopg import sql

from .connection import Embedded, External, Role, connect
from .doctor import Finding, failed, judged_clock, judged_server, judged_tls
from .errors import LoaderError
from .schema import SCHEMA_VERSION, require_schema

#: What each role must be able to do, and must not, as PostgreSQL is asked.
_MAY: dict[Role, dict[str, LiteralString]] = {
    "loader": {
        "insert into raw.events": "has_table_privilege('raw.events', 'insert')",
        "insert into raw.dead_letters": "has_table_privilege('raw.dead_letters', 'insert')",
        "insert into raw.loads": "has_table_privilege('raw.loads', 'insert')",
        "keep raw.source_files": "has_table_privilege('raw.source_files', 'insert')"
        " and has_table_privilege('raw.source_files', 'update')",
        "make a day's partition": "has_function_privilege('raw.ensure_partition(date)', 'execute')",
    },
    "transformer": {
        "read raw.events": "has_table_privilege('raw.events', 'select')",
        "read raw.dead_letters": "has_table_privilege('raw.dead_letters', 'select')",
        "make tables in staging": "has_schema_privilege('staging', 'create')",
        "make tables in marts": "has_schema_privilege('marts', 'create')",
    },
    "reader": {"enter marts": "has_schema_privilege('marts', 'usage')"},
}
_MAY_NOT: dict[Role, dict[str, LiteralString]] = {
    "loader": {
        "delete from raw.events": "has_table_privilege('raw.events', 'delete')",
        "read raw.events": "has_table_privilege('raw.events', 'select')",
    },
    "transformer": {"write raw.events": "has_table_privilege('raw.events', 'insert')"},
    "reader": {"enter raw": "has_schema_privilege('raw', 'usage')"},
}


def look_at_database(
    target: External | Embedded, connection: psycopg.Connection[Any], clock: Callable[[], float] = time.time
) -> Iterator[Finding]:
    """All findings about the database.

    connection: as the one who sets it up. clock: seconds since the epoch, of this machine.
    """
    info = connection.info
    yield Finding("ok", "connection", f"{info.user} at {_place(connection)}")
    yield _tls(connection)
    yield judged_server(info.server_version)
    yield _clock(connection, clock)
    size = _value(connection, "pg_database_size(current_database())")
    yield Finding("ok", "size", f"the database takes {size / 1024**2:.0f} MiB")
    try:
        require_schema(connection)
    except LoaderError as error:
        yield failed("schema", error)
        return
    yield Finding("ok", "schema", f"the raw schema has version {SCHEMA_VERSION}")
    for role in _MAY:
        yield _rights(target, role)
    yield _partitions(connection)


def server_of(connection: psycopg.Connection[Any]) -> dict[str, str]:
    """Host, port and database of a connection, as dbt names them too."""
    return {"host": connection.info.host, "port": str(connection.info.port), "dbname": connection.info.dbname}


def _place(connection: psycopg.Connection[Any]) -> str:
    return "{host}:{port}/{dbname}".format(**server_of(connection))


def _tls(connection: psycopg.Connection[Any]) -> Finding:
    mode = connection.info.get_parameters().get("sslmode", "prefer")
    return judged_tls(mode, is_encrypted=bool(connection.pgconn.ssl_in_use), is_local=_is_local(connection))


def _is_local(connection: psycopg.Connection[Any]) -> bool:
    if connection.info.host.startswith(("/", "@")):
        return True
    try:
        return ipaddress.ip_address(connection.info.hostaddr).is_loopback
    except ValueError:
        return False


def _clock(connection: psycopg.Connection[Any], clock: Callable[[], float]) -> Finding:
    before = clock()
    there: datetime = _value(connection, "clock_timestamp()")
    after = clock()
    # Half of the way there and back is all that is known of when the server looked.
    return judged_clock(there.timestamp() - (before + after) / 2)


def _rights(target: External | Embedded, role: Role) -> Finding:
    check = f"role {role}"
    try:
        with connect(target.parameters(role)) as connection:
            lacks = [word for word, question in _MAY[role].items() if not _value(connection, question)]
            exceeds = [word for word, question in _MAY_NOT[role].items() if _value(connection, question)]
    except LoaderError as error:
        return failed(check, error)
    if lacks:
        return Finding("fail", check, f"may not {', '.join(lacks)}", "run: loader init")
    if exceeds:
        return Finding("fail", check, f"may {', '.join(exceeds)}, and should not", "revoke what was granted by hand")
    return Finding("ok", check, "may do what it must, and no more of what was asked")


def _partitions(connection: psycopg.Connection[Any]) -> Finding:
    days, first, last = connection.execute(
        "select count(*), min(relname), max(relname) from pg_inherits"
        " inner join pg_class on pg_class.oid = inhrelid where inhparent = 'raw.events'::regclass"
    ).fetchone() or (0, None, None)
    missing, earliest = connection.execute(
        "select count(distinct loaded_on), min(loaded_on) from raw.loads where lines_loaded > 0"
        " and loaded_on >= (select coalesce(max(cutoff), '-infinity') from raw.prunings)"
        " and to_regclass('raw.events_' || to_char(loaded_on, 'YYYYMMDD')) is null"
    ).fetchone() or (0, None)
    if missing:
        return Finding(
            "fail",
            "partitions",
            f"{missing} days of loads have none, the first is {earliest}: their lines are gone without loader prune",
            "restore them from a backup",
        )
    return Finding("ok", "partitions", f"raw.events has {days}" + (f", {first} to {last}" if days else ""))


def _value(connection: psycopg.Connection[Any], expression: LiteralString) -> Any:
    row = connection.execute(sql.SQL("select {}").format(sql.SQL(expression))).fetchone()
    return row[0] if row else None
