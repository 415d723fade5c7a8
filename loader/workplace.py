"""The database that a command works on, made ready: the one that the environment names, or the embedded server."""

import os
from collections.abc import Mapping
from pathlib import Path

from .account import server_account
from .binaries import find_binaries
from .connection import Embedded, External, connect, external_target
from .dotenv import PREFIX, write_dotenv
from .errors import ServerError
from .project import Project, find_project
from .schema import SCHEMA_VERSION, database_version, make_database, set_up
from .server import DATABASE, OWNER, Server

_DOTENV_NAMES = {"host": "PGHOST", "port": "PGPORT", "dbname": "PGDATABASE", "user": "PGUSER", "password": "PGPASSWORD"}
_LOGIN_ROLES = ("loader", "transformer", "reader")


def this_project(environment: Mapping[str, str]) -> Project:
    """The project around the working folder."""
    return find_project(Path.cwd(), environment, os.geteuid())


def embedded_server(environment: Mapping[str, str]) -> Server:
    """The embedded server of this project, whether or not it runs or exists."""
    return Server(this_project(environment).state, find_binaries(environment), server_account())


def ready_target(environment: Mapping[str, str]) -> External | Embedded:
    """The database to work on. The embedded server is started, and made and set up the first time."""
    external = external_target(environment)
    if external:
        return external
    server = embedded_server(environment)
    server.up()
    embedded = Embedded(server)
    _prepare(embedded)
    tell_dbt(this_project(environment), embedded)
    return embedded


def running_target(environment: Mapping[str, str]) -> External | Embedded:
    """The database to look at. The embedded server is not started for it."""
    return external_target(environment) or Embedded(embedded_server(environment))


def initialise(target: External | Embedded) -> None:
    """Set the database up, or bring it up to date."""
    passwords = None
    if isinstance(target, Embedded):
        passwords = {role: target.server.password(role) for role in _LOGIN_ROLES}
    with connect(target.parameters("admin")) as connection:
        set_up(connection, passwords)


def tell_dbt(project: Project, embedded: Embedded) -> None:
    """Write where the embedded server is into the project's ``.env``, which dbt reads by itself."""
    if project.is_dbt_project:
        parameters = embedded.parameters("transformer")
        values = {PREFIX + name: parameters[key] for key, name in _DOTENV_NAMES.items()}
        try:
            write_dotenv(project.root, values)
        except OSError as error:
            raise ServerError(
                f"dbt cannot be told where the embedded server is: {project.root / '.env'}: {error.strerror}",
                "make the project's folder writable, or set DATABASE_URL to a server of your own",
            ) from None


def _prepare(embedded: Embedded) -> None:
    with connect(embedded.parameters("admin", database=OWNER)) as connection:
        make_database(connection, DATABASE)
    with connect(embedded.parameters("admin")) as connection:
        if database_version(connection) == SCHEMA_VERSION:
            return
    initialise(embedded)
