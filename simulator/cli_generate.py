"""The commands that make a world, and that let its logs come part by part."""

import sys
import time
from datetime import datetime
from pathlib import Path

import click

from .cli_shared import (
    StartDay,
    explained,
    out_option,
    seed_option,
    sessions_per_day_option,
    stoppable,
    tenants_option,
)
from .generate import generate, generate_bulk
from .world.settings import Settings
from .world.tenants import TENANTS
from .writing.deliveries import deliver
from .writing.faults import FAULTS

_FAULTS = "\b\nFaults:\n" + "\n".join(f"  {name:15}  {what}" for name, what in FAULTS.items())

_GENERATE_CODES = """\b
Exit codes:
  0  done
  1  unexpected error, e.g. a full disk
  2  wrong usage
  4  refused: a folder that is not ours
  130, 143  stopped by Ctrl-C, by SIGTERM; DIR is as it was
"""
_DELIVER_CODES = """\b
Exit codes:
  0  done, or nothing is left
  1  unexpected error, e.g. a full disk
  2  wrong usage
  4  refused: no world of ours, or one without deliveries
  130, 143  stopped by Ctrl-C, by SIGTERM; run it again to go on
"""


@click.command(
    "generate", epilog=f"{_FAULTS}\n\n{_GENERATE_CODES}", short_help="Write a world: logs, truth, parameters."
)
@click.option("--days", default=30, show_default=True, type=click.IntRange(1, 3660), help="Length of the window.")
@sessions_per_day_option
@seed_option
@click.option("--start", default="2026-10-01", show_default=True, type=StartDay(), help="First local day.")
@tenants_option
@click.option(
    "--fault",
    "faults",
    multiple=True,
    type=click.Choice([*FAULTS, "all"]),
    metavar="NAME",
    help="What goes wrong on the way into the logs, see below; may be repeated. all: everything.",
)
@click.option(
    "--deliveries",
    default=1,
    show_default=True,
    type=click.IntRange(1, 1000),
    help="Parts in which the logs come, each by a call of simulator deliver; 1: all at once.",
)
@click.option("--bulk", is_flag=True, help="Many lines quickly: plain logs, no truth, no faults.")
@out_option
def generate_command(
    *,
    days: int,
    sessions_per_day: int,
    seed: int,
    start: datetime,
    tenants: int,
    faults: tuple[str, ...],
    deliveries: int,
    bulk: bool,
    out: Path,
) -> None:
    """Write a world of some days into a folder: logs, the truth about them, parameters.

    Example: simulator generate --days 30 --sessions-per-day 200 --seed 7 --out simulated/

    The counts of what was written are in simulation.json beside the logs.
    """
    if bulk and (faults or deliveries > 1):
        raise click.UsageError("--bulk goes with neither --fault nor --deliveries.")
    settings = Settings(
        days=days,
        sessions_per_day=sessions_per_day,
        seed=seed,
        start=start.date(),
        tenants=TENANTS[:tenants],
        faults=frozenset(FAULTS if "all" in faults else faults),
    )
    began = time.perf_counter()
    with (
        stoppable(f"{out} is as it was"),
        explained(out),
        click.progressbar(length=days, label="Simulating", file=sys.stderr, hidden=not sys.stderr.isatty()) as bar,
    ):

        def on_day(done: int) -> None:
            bar.update(done - bar.pos)

        run = (
            generate_bulk(settings, out, on_day=on_day)
            if bulk
            else generate(settings, out, deliveries=deliveries, on_day=on_day)
        )
        on_day(days)
    seconds = time.perf_counter() - began
    click.echo(
        f"{run.line_count:,} lines of {run.session_count:,} sessions in {run.file_count} files"
        f" in {out} ({seconds:.1f} s).",
        err=True,
    )


@click.command("deliver", epilog=_DELIVER_CODES, short_help="Let the next part of a world's logs come.")
@click.argument("folder", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path))
def deliver_command(folder: Path) -> None:
    """Let the next part of the logs come into DIR/logs, of a world made with --deliveries.

    Files grow, are renamed, emptied, packed and copied in place, as in real life. What was done goes to stderr.
    """
    with (
        stoppable(f"{folder} holds a part of the delivery", f"go on with: simulator deliver {folder}"),
        explained(folder),
    ):
        done = deliver(folder)
    if done is None:
        click.echo("Nothing is left to deliver.", err=True)
        return
    number, actions = done
    for action in actions:
        click.echo(action.words, err=True)
    click.echo(f"Delivery {number} is done.", err=True)
