"""The command line: parses, prints, exits. Data go to stdout, words to stderr."""

import logging
import os
import sys

import click

from . import __version__
from .cli_check import check
from .cli_db import db
from .cli_dead_letters import dead_letters
from .cli_ingest import EPILOG, ingest
from .cli_langgraph import import_langgraph
from .cli_operations import doctor, status
from .cli_retention import archive, erase, prune
from .errors import LoaderError
from .workplace import initialise, ready_target


@click.group(epilog=EPILOG)
@click.version_option(__version__, prog_name="loader")
def cli() -> None:
    """Loads event logs into the raw schema, each line exactly once."""


@cli.command()
def init() -> None:
    """Make schemas, tables and roles; safe to repeat."""
    target = ready_target(os.environ)
    initialise(target)
    click.echo("the database is set up", err=True)


cli.add_command(db)
for command in (archive, check, dead_letters, doctor, erase, import_langgraph, ingest, prune, status):
    cli.add_command(command)


def main() -> None:
    """Run the command and exit with the code of its outcome."""
    # It warns when a rollback finds the connection busy after a signal; closing the connection rolls back as well.
    logging.getLogger("psycopg").setLevel(logging.CRITICAL)
    try:
        cli(standalone_mode=False)
    except LoaderError as error:
        click.echo(f"loader: {error}", err=True)
        sys.exit(error.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        sys.exit(130)
