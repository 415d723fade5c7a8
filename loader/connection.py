"""Which database a command works on, and connections to it as one of the roles."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Literal, Protocol, get_args
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import psycopg
from psycopg import errors, pq
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from .errors import DatabaseError, PassingError, StatementError
from .passing import is_passing, server_answers
from .server import DATABASE, HOST, OWNER, Server

Role = Literal["admin", "loader", "transformer", "reader"]
ROLES: tuple[Role, ...] = get_args(Role)

_LIBPQ_VARIABLES = ("PGHOST", "PGSERVICE", "PGDATABASE", "PGUSER", "PGPORT")
_DEFAULTS = {
    "application_name": "loader",
    "client_encoding": "UTF8",
    "connect_timeout": "10",
    # A server that is gone without a word is noticed within a minute, not after the quarter of an hour of TCP.
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "60000",
}


class Target(Protocol):
    """A database and how to reach it."""

    def parameters(self, role: Role) -> dict[str, str]:
        """Connection parameters of libpq under which a session acts as ``role``; admin: whoever sets it up."""


class External:
    """The server of ``DATABASE_URL``, or of libpq's own variables if it is empty. Roles are taken on by its user."""

    def __init__(self, address: str) -> None:
        self._address = address

    def parameters(self, role: Role) -> dict[str, str]:
        try:
            _require_one_at_sign(self._address)
            found = {name: str(value) for name, value in conninfo_to_dict(self._address).items() if value is not None}
        except (psycopg.ProgrammingError, ValueError):
            # Its message quotes the address, and that may hold a password.
            raise DatabaseError(
                "DATABASE_URL is no address of a PostgreSQL database",
                "set it to postgresql://user:password@host:port/database, with special characters of the password "
                "percent-encoded (@ is %40)",
            ) from None
        if self._address and not _is_plain_url(self._address):
            raise DatabaseError(
                "DATABASE_URL has a form that dbt cannot read, and both must use the same database",
                "set it to postgresql://user:password@host:port/database, or use libpq's PG* variables instead",
            )
        if role != "admin":
            options = found.get("options") or os.environ.get("PGOPTIONS", "")
            found["options"] = f"{options} -c role={role}".strip()
        return found


def _require_one_at_sign(address: str) -> None:
    """Raises ValueError where libpq would take the end of an unescaped password for the host, and repeat it."""
    if urlsplit(address).netloc.count("@") > 1:
        raise ValueError


def _is_plain_url(address: str) -> bool:
    """Whether the host stands in the address itself, and no part of it after the question mark: see profiles.yml."""
    parts = urlsplit(address)
    moved = {"host", "hostaddr", "port", "user", "password", "dbname", "service"} & set(parse_qs(parts.query))
    return parts.scheme in {"postgres", "postgresql"} and bool(parts.hostname) and not moved


class Embedded:
    """The project's own server, which must run."""

    def __init__(self, server: Server) -> None:
        self.server = server

    def parameters(self, role: Role, database: str = DATABASE) -> dict[str, str]:
        port = self.server.port()
        if port is None:
            raise PassingError("the embedded server does not run", "start it with: loader db up")
        user = OWNER if role == "admin" else role
        return {
            "host": HOST,
            "port": str(port),
            "dbname": database,
            "user": user,
            "password": self.server.password(user),
            # Set, though empty: else libpq would take PGOPTIONS, which was meant for another server.
            "options": "",
        }


def external_target(environment: Mapping[str, str]) -> External | None:
    """The server that the environment names, if it names one."""
    if address := environment.get("DATABASE_URL"):
        return External(address)
    if any(environment.get(name) for name in _LIBPQ_VARIABLES):
        return External("")
    return None


@contextmanager
def connect(parameters: Mapping[str, str]) -> Iterator[psycopg.Connection[Any]]:
    """A connection in autocommit mode, closed at the end.

    Raises DatabaseError if it cannot be made, breaks, or lacks rights: PassingError where another try may succeed;
    StatementError for any other error of the database. No message holds a password or a value.
    """
    connection = _connected(make_conninfo("", **(_DEFAULTS | dict(parameters))), parameters)
    database = connection.info.dbname
    try:
        with connection:
            connection.execute("set timezone to 'UTC'")
            yield connection
    except (errors.UndefinedTable, errors.InvalidSchemaName, errors.InsufficientPrivilege) as error:
        raise DatabaseError(
            f"the database {database} is not set up for the loader: {error.diag.message_primary}",
            "run: loader init",
        ) from None
    except psycopg.Error as error:
        if not (isinstance(error, psycopg.OperationalError) or is_passing(error)):
            if error.sqlstate is None:
                # The driver's own: the server has not seen it.
                raise
            raise _unexpected(error) from None
        raised = PassingError if is_passing(error) or connection.closed else DatabaseError
        problem = "the connection to the database broke" if connection.closed else "the database cannot go on"
        raise raised(
            f"{problem}: {error.diag.message_primary or 'it was closed'}",
            "see that the server runs and has room, then run the command again: it goes on from the last batch",
        ) from None


def _connected(conninfo: str, parameters: Mapping[str, str]) -> psycopg.Connection[Any]:
    if not str(parameters.get("port") or 0).replace(",", "").isdigit():
        # Else the host is looked for first, again and again.
        raise DatabaseError("the port in the database's address is no number", "mend DATABASE_URL")
    try:
        return psycopg.connect(conninfo, autocommit=True)
    except psycopg.Error as error:
        if not server_answers(conninfo, error):
            raise _unreachable(error, parameters, PassingError) from None
    # It refuses, or it has come up a moment ago.
    try:
        return psycopg.connect(conninfo, autocommit=True)
    except psycopg.Error as error:
        raised = DatabaseError if server_answers(conninfo, error) else PassingError
        raise _unreachable(error, parameters, raised) from None


def libpq_environment(parameters: Mapping[str, str]) -> dict[str, str]:
    """The parameters as libpq's variables, for psql and BI tools: a password stays out of every process list."""
    names = {option.keyword.decode(): option.envvar for option in pq.Conninfo.get_defaults()}
    variables = {}
    for name, value in parameters.items():
        variable = names.get(name)
        if variable is None:
            raise DatabaseError(f"libpq has no variable for {name}", f"leave {name} out of DATABASE_URL")
        variables[variable.decode()] = value
    return variables


def address(parameters: Mapping[str, str]) -> str:
    """The parameters as one ``postgresql://`` address, password included."""
    rest = {name: value for name, value in parameters.items() if value}
    user, password = quote(rest.pop("user", ""), safe=""), quote(rest.pop("password", ""), safe="")
    host, port, database = rest.pop("host", ""), rest.pop("port", ""), quote(rest.pop("dbname", ""), safe="")
    login = f"{user}:{password}@" if password else f"{user}@" if user else ""
    place = quote(host, safe=":[],") + (f":{port}" if port else "")
    return f"postgresql://{login}{place}/{database}" + (f"?{urlencode(rest, quote_via=quote)}" if rest else "")


def _unreachable(error: psycopg.Error, parameters: Mapping[str, str], raised: type[DatabaseError]) -> DatabaseError:
    message = " ".join(str(error).split())
    if "role=" in parameters.get("options", "") and ("role" in message and "parameter" in message):
        return DatabaseError(
            f"the database has no such role, or the user may not take it on: {message}", "run: loader init"
        )
    next_step = _tls_step(message) or (
        "start the server, or mend DATABASE_URL or the PG* variables; without any of them the embedded server is used"
    )
    return raised(f"the database cannot be reached: {message}", next_step)


def _unexpected(error: psycopg.Error) -> StatementError:
    """Without what the server says of values. Of names (class 42) it says which do not fit, of rows nothing."""
    found = error.diag
    code = error.sqlstate or ""
    names = {"table": found.table_name, "column": found.column_name, "constraint": found.constraint_name}
    place = "".join(f", {kind} {name}" for kind, name in names.items() if name)
    words = f": {found.message_primary}" if code.startswith("42") else ""
    return StatementError(
        f"the database refused a statement: {type(error).__name__}, SQLSTATE {code}{place}{words}",
        "run: loader doctor; if it finds nothing, report this with the server's version",
    )


def _tls_step(message: str) -> str:
    """What to do where TLS, and nothing else, is in the way; empty where it is not."""
    if "does not support SSL" in message:
        return (
            "switch TLS on there (ssl = on, and a certificate); without it lines and passwords can be read on the way"
        )
    if "certificate" in message:
        return (
            "name the file of the authority that signed the server's certificate in DATABASE_URL "
            "(?sslmode=verify-full&sslrootcert=/path/to/ca.pem), and the server as the certificate does"
        )
    return ""
