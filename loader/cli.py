"""The command line: parses, prints, exits. Data go to stdout, words to stderr."""

import json
import logging
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import FrameType

import click

from . import __version__
from .aliases import read_aliases
from .cli_db import db
from .connection import connect
from .errors import LoaderError, StoppedError
from .ingest import BATCH_LINES, MAX_LINE_BYTES, Options
from .parsing import Parser
from .project import aliases_path
from .prune import prune as prune_raw
from .run import ingest_paths
from .store import read_status
from .summary import Summary
from .workplace import initialise, ready_target, running_target, this_project

_EPILOG = """\b
Exit codes:
  0  done
  1  unexpected error
  2  wrong usage: a missing path, a folder without log files
  3  done, and some lines broke the contract: kept in raw.dead_letters
  4  refused: no database, another loader at work, a file that changed
     under its position or breaks off
  130, 143  stopped by Ctrl-C, by SIGTERM; run it again to go on

\b
Database: DATABASE_URL; else libpq's PG* variables; else an embedded
PostgreSQL of the project, on loopback, started when it is needed.
"""


class _LogPath(click.ParamType[Path]):
    """A path as given. An empty one is an unset variable, and does not mean the working folder."""

    name = "path"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        if not value:
            self.fail("a path is empty; name a log file or a folder of them (the working folder is .)", param, ctx)
        return Path(value)


class _Days(click.ParamType[timedelta]):
    """A number of whole days, at least one, such as 90d."""

    name = "days"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        number = value.removesuffix("d")
        if number == value or not number.isascii() or not number.isdigit() or not 1 <= int(number) <= 36_500:
            self.fail(f"{value!r} is no number of days such as 90d, from 1d to 36500d", param, ctx)
        return timedelta(days=int(number))


@click.group(epilog=_EPILOG)
@click.version_option(__version__, prog_name="loader")
def cli() -> None:
    """Loads event logs into the raw schema, each line exactly once."""


@cli.command()
def init() -> None:
    """Make schemas, tables and roles; safe to repeat."""
    target = ready_target(os.environ)
    initialise(target)
    click.echo("the database is set up", err=True)


@cli.command(epilog=_EPILOG)
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=_LogPath())
@click.option(
    "--max-line-bytes",
    default=MAX_LINE_BYTES,
    show_default=True,
    type=click.IntRange(min=1),
    help="Longer lines become dead letters, cut at this length.",
)
@click.option(
    "--batch-lines",
    default=BATCH_LINES,
    show_default=True,
    type=click.IntRange(min=1),
    help="Lines per transaction, about.",
)
@click.option("--as-new", is_flag=True, help="Read files that changed under their position from the start.")
@click.option("--quiet", is_flag=True, help="No progress bar and no summary; errors are still told.")
@click.option("--json", "as_json", is_flag=True, help="The summary as JSON on stdout.")
def ingest(
    *, paths: tuple[Path, ...], max_line_bytes: int, batch_lines: int, as_new: bool, quiet: bool, as_json: bool
) -> None:
    """Load files, and folders of files, named *.jsonl or *.ndjson, alone or as .gz or .zst.

    What was loaded before is skipped, what was appended is loaded; a last line without its newline waits.
    """
    parser = Parser(read_aliases(aliases_path(this_project(os.environ), os.environ)))
    options = Options(max_line_bytes, batch_lines, as_new)
    with (
        _stop_signals(),
        connect(ready_target(os.environ).parameters("loader")) as connection,
        _progress_bar(quiet=quiet) as progress,
    ):
        summary = ingest_paths(connection, paths, parser, options, progress=progress)
    _report(summary, quiet=quiet, as_json=as_json)


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


def _report(summary: Summary, *, quiet: bool, as_json: bool) -> None:
    for error in summary.errors:
        click.echo(f"loader: {error}", err=True)
    if as_json:
        click.echo(json.dumps(summary.as_dict()))
    elif not quiet:
        click.echo(str(summary), err=True)
    outcome = summary.outcome()
    if outcome:
        raise outcome


@contextmanager
def _progress_bar(*, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """A bar over the files' bytes on a terminal; nothing in cron."""
    if quiet or not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    with click.progressbar(length=1, label="loading", file=sys.stderr) as bar:

        def show(done: int, total: int) -> None:
            bar.length = max(total, 1)
            bar.update(done - bar.pos)

        yield show


@contextmanager
def _stop_signals() -> Iterator[None]:
    """Turn Ctrl-C and SIGTERM into a StoppedError, after the connection has rolled its batch back."""
    received: list[int] = []

    def stop(number: int, _frame: FrameType | None) -> None:
        received.append(number)
        raise KeyboardInterrupt

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    except KeyboardInterrupt:
        number = received[0] if received else signal.SIGINT
        raise StoppedError(signal.Signals(number).name, 128 + number) from None
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
