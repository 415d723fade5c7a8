"""The versions of the raw schema, forward only, through Alembic. How to add one: README.md beside this file."""

from importlib.resources import files
from pathlib import Path
from typing import Any

import psycopg
from psycopg import errors

from loader.errors import DatabaseError

__all__ = ["NEWEST_VERSION", "apply_missing", "execute_beside"]

_VERSIONS = files("loader.migrations").joinpath("versions")

#: Number of the last version, from the files' names: commands that only compare it need not load Alembic.
NEWEST_VERSION = max(int(path.name[1:5]) for path in _VERSIONS.iterdir() if path.name.endswith(".sql"))


def apply_missing(connection: psycopg.Connection[Any], adopt: int | None = None) -> None:
    """Bring the raw schema to the newest version, each version in a transaction of its own.

    connection: in autocommit mode and outside of a transaction, as the owner of the database; no other session may do
        this at the same time. The schema ``raw`` exists.
    adopt: the version of a database that was made before Alembic kept the books.
    Raises DatabaseError if one cannot be applied, psycopg's InsufficientPrivilege or OperationalError if the connection
    is not up to it; versions before the one that failed stay.
    """
    from .alembic import upgrade  # noqa: PLC0415 - half a second that only a set-up has to spend

    upgrade(connection, adopt)


def execute_beside(path: str) -> None:
    """For a version's ``upgrade``: run the SQL file beside the module at ``path``, as it stands."""
    from .alembic import driver_connection  # noqa: PLC0415 - see above

    connection = driver_connection()
    module = Path(path)
    try:
        # By the driver itself: SQLAlchemy would take colons for parameters, and several statements for an error.
        connection.execute(module.with_suffix(".sql").read_bytes())
    except (errors.InsufficientPrivilege, psycopg.OperationalError):
        raise
    except psycopg.Error as error:
        # The text of a data error may quote a value.
        said = error.diag.message_primary if not isinstance(error, errors.DataError) else None
        raise DatabaseError(
            f"version {int(module.name[1:5])} of the raw schema cannot be applied to the database "
            f"{connection.info.dbname}: {said or f'SQLSTATE {error.sqlstate}'}",
            "mend that, then run: loader init (the versions before it are applied, of this one nothing is)",
        ) from None
