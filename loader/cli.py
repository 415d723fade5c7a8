"""The command line: parses, prints, exits. Data go to stdout, words to stderr."""

import json
import logging
import os
import sys
from dataclasses import asdict

import click

from . import __version__
from .cli_db import db
from .cli_dead_letters import dead_letters
from .cli_ingest import EPILOG, ingest
from .cli_retention import archive, erase, prune
from .connection import connect
from .errors import LoaderError
from .store import read_status
from .workplace import initialise, ready_target, running_target


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


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def status(*, as_json: bool) -> None:
    """What is loaded: files, lines, dead letters by reason, last load."""
    with connect(running_target(os.environ).parameters("transformer")) as connection:
        found = read_status(connection)
    if as_json:
        click.echo(json.dumps(asdict(found), default=str))
        return
    last = found.last_load_at.isoformat(timespec="seconds") if found.last_load_at else "never"
    click.echo(f"files      {found.files}")
    click.echo(f"lines      {found.lines} read, {found.loaded} loaded, {found.rejected} rejected")
    click.echo(f"loads      {found.loads}, the last {last}")
    for reason, lines in found.dead_letters.items():
        click.echo(f"rejected   {lines} {reason}")


cli.add_command(db)
for command in (archive, dead_letters, erase, ingest, prune):
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
