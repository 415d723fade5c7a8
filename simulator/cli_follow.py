"""The command that writes logs while time passes."""

import time
from datetime import datetime
from pathlib import Path
from threading import Event as Flag
from zoneinfo import ZoneInfo

import click

from .cli_shared import (
    StartDay,
    explained,
    on_stop,
    out_option,
    sessions_per_day_option,
    tenants_option,
)
from .follow import BEGIN_HOUR, follow
from .world.settings import Settings
from .world.tenants import TENANTS

_ENDLESS_DAYS = 3660
_EPILOG = """\b
Exit codes:
  0  stopped by Ctrl-C or SIGTERM, which is how it ends
  1  unexpected error, e.g. a full disk
  2  wrong usage
  4  refused: a folder that is not ours
"""


@click.command("follow", epilog=_EPILOG, short_help="Write logs while time passes, for live demos.")
@click.option(
    "--speed",
    default=60.0,
    show_default=True,
    type=click.FloatRange(1.0),
    help="Simulated seconds in a real one, until the clock has caught up with the present.",
)
@sessions_per_day_option
@click.option("--seed", default=7, show_default=True, type=int, help="The same seed gives the same conversations.")
@click.option("--start", type=StartDay(), help="First local day, from 08:00 on.  [default: today]")
@tenants_option
@click.option("--until-caught-up", is_flag=True, help="End when the present is reached.")
@out_option
def follow_command(
    *,
    speed: float,
    sessions_per_day: int,
    seed: int,
    start: datetime | None,
    tenants: int,
    until_caught_up: bool,
    out: Path,
) -> None:
    """Write logs into a folder while time passes, for live demos, until Ctrl-C or SIGTERM.

    Each line is written at once when it happens, and none bears an instant of the future.
    """
    day = datetime.now(ZoneInfo(TENANTS[0].timezone)).date() if start is None else start.date()
    settings = Settings(
        days=_ENDLESS_DAYS, sessions_per_day=sessions_per_day, seed=seed, start=day, tenants=TENANTS[:tenants]
    )
    if TENANTS[0].instant(day) > time.time():
        raise click.UsageError("--start lies in the future; choose today or an earlier day.")
    stop = Flag()
    on_stop(lambda _number, _frame: stop.set())

    def on_begin() -> None:
        click.echo(
            f"Writing to {out / 'logs'}: from {day} {BEGIN_HOUR:02}:00 in {TENANTS[0].timezone} on {speed:g} times as"
            " fast as real time, up to the present and on with it; Ctrl-C stops.",
            err=True,
        )

    with explained(out):
        line_count = follow(settings, out, speed=speed, stop=stop, until_caught_up=until_caught_up, on_begin=on_begin)
    click.echo(f"{line_count:,} lines in {out}.", err=True)
