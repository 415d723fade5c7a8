"""The command line: parses, prints, exits. Data go to stdout, words to stderr."""

import json
import logging
import os
import sys
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

import click

from . import __version__
from .cli_db import db
from .cli_dead_letters import dead_letters
from .cli_ingest import EPILOG, ingest
from .connection import connect
from .errors import LoaderError
from .prune import prune as prune_raw
from .store import read_status
from .workplace import initialise, ready_target, running_target


class _Days(click.ParamType[timedelta]):
    """A number of whole days, at least one, such as 90d."""

    name = "days"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        number = value.removesuffix("d")
        if number == value or not number.isascii() or not number.isdigit() or not 1 <= int(number) <= 36_500:
            self.fail(f"{value!r} is no number of days such as 90d, from 1d to 36500d", param, ctx)
        return timedelta(days=int(number))


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


@cli.command()
@click.option(
    "--older-than", required=True, type=_Days(), metavar="DAYS", help="Age of what goes, since its load: 90d."
)
@click.option("--dry-run", is_flag=True, help="Say what would go, and drop nothing.")
@click.option("--json", "as_json", is_flag=True, help="What went as JSON on stdout.")
def prune(*, older_than: timedelta, dry_run: bool, as_json: bool) -> None:
    """Drop old days of raw, and old dead letters.

    Refused while the warehouse has not built them. The next dbt build drops the details of the cases of which no line
    is left, and keeps their rows in the marts.
    """
    cutoff = datetime.now(UTC).date() - older_than
    with connect(running_target(os.environ).parameters("admin")) as connection:
        pruned = prune_raw(connection, cutoff, dry_run=dry_run)
    if as_json:
        click.echo(json.dumps(asdict(pruned) if pruned else None, default=str))
    if pruned is None:
        click.echo(f"there is nothing from before {cutoff}", err=True)
    elif dry_run:
        click.echo(f"would prune {pruned}", err=True)
    else:
        click.echo(f"pruned {pruned}\n  next: dbt build, which prunes the warehouse", err=True)


cli.add_command(db)
cli.add_command(ingest)
cli.add_command(dead_letters)


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
