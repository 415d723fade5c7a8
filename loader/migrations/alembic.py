"""Alembic on a connection of the loader's own; no ``alembic.ini``, no ``env.py``, no models."""

from pathlib import Path
from typing import Any, cast

import psycopg
from alembic import op
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import StaticPool

_FOLDER = Path(__file__).parent
_OPTIONS: dict[str, Any] = {"version_table_schema": "raw"}


def upgrade(connection: psycopg.Connection[Any], adopt: int | None) -> None:
    """See :func:`loader.migrations.apply_missing`."""
    # SQLAlchemy begins its transactions by means of the driver, which begins none in this mode.
    connection.autocommit = False
    try:
        # Never disposed of, which would close the caller's connection.
        engine = create_engine("postgresql+psycopg://", creator=lambda: connection, poolclass=StaticPool)
        script = ScriptDirectory(str(_FOLDER))
        with engine.connect() as link:
            if adopt is not None:
                _adopt(MigrationContext.configure(link, opts=_OPTIONS), script, adopt)
                link.commit()

            def missing(revision: Any, _context: MigrationContext) -> Any:
                return script._upgrade_revs("head", revision)  # as alembic.command.upgrade does

            with EnvironmentContext(Config(), script, fn=missing) as environment:
                environment.configure(connection=link, transaction_per_migration=True, **_OPTIONS)
                environment.run_migrations()
    except DBAPIError as error:
        raise (error.orig or error) from None
    finally:
        if not connection.closed:
            connection.rollback()
            connection.autocommit = True


def _adopt(context: MigrationContext, script: ScriptDirectory, version: int) -> None:
    if not context.get_current_heads():
        context.stamp(script, f"{version:04}")


def driver_connection() -> psycopg.Connection[Any]:
    """The connection on which a version is being applied."""
    return cast("psycopg.Connection[Any]", op.get_bind().connection.driver_connection)
