"""The ``simulator`` command."""

import signal
import sys
import time
from datetime import datetime
from pathlib import Path
from types import FrameType

import click

from .folder import FolderRefusedError
from .generate import generate
from .journal import LostLinesError
from .settings import Settings


def _checked_start(_context: click.Context, _parameter: click.Parameter, start: datetime) -> datetime:
    if not 2000 < start.year < 2089:
        raise click.BadParameter("choose a year from 2001 to 2088; the loader takes no others.")
    return start


class _RefusedError(click.ClickException):
    exit_code = 4


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Make realistic event logs of a support desk, for demos and tests."""
    for number in (signal.SIGINT, signal.SIGTERM):
        # A shell that starts a job in the background has it ignore Ctrl-C: that is kept.
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _stop)


@cli.command("generate")
@click.option("--days", default=30, show_default=True, type=click.IntRange(1, 3660), help="Length of the window.")
@click.option(
    "--sessions-per-day", default=200, show_default=True, type=click.IntRange(1, 1_000_000), help="Mean over a week."
)
@click.option("--seed", default=7, show_default=True, type=int, help="The same seed gives the same bytes.")
@click.option(
    "--start",
    default="2026-10-01",
    show_default=True,
    type=click.DateTime(["%Y-%m-%d"]),
    callback=_checked_start,
    help="First local day.",
)
@click.option(
    "--out",
    default="logs",
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the log files: new, empty, or of an earlier run.",
)
def generate_command(days: int, sessions_per_day: int, seed: int, start: datetime, out: Path) -> None:
    """Write the logs of some days into a folder.

    Example: simulator generate --days 30 --sessions-per-day 200 --seed 7 --out logs/

    The counts of what was written are in simulation.json beside the logs.
    Exit codes: 0 done, 1 unexpected, 2 wrong arguments, 4 folder refused,
    130 and 143 stopped by Ctrl-C and by SIGTERM.
    """
    settings = Settings(days=days, sessions_per_day=sessions_per_day, seed=seed, start=start.date())
    began = time.perf_counter()
    try:
        with click.progressbar(length=days, label="Simulating", file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
            run = generate(settings, out, on_day=lambda done: bar.update(done - bar.pos))
            bar.update(days - bar.pos)
    except FolderRefusedError as error:
        raise _RefusedError(str(error)) from error
    except (LostLinesError, OSError) as error:
        raise click.ClickException(str(error)) from error
    seconds = time.perf_counter() - began
    click.echo(
        f"{run.line_count:,} lines of {run.session_count:,} sessions in {run.file_count} files"
        f" in {out} ({seconds:.1f} s).",
        err=True,
    )


def _stop(number: int, _frame: FrameType | None) -> None:
    # As an exception, so that the half-made folder is cleared away.
    sys.exit(128 + number)
