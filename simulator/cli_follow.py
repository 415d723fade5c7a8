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
    seed_option,
    sessions_per_day_option,
    tenants_option,
)
from .follow import follow
from .world.settings import Settings
from .world.tenants import TENANTS

_ENDLESS_DAYS = 3660


@click.command("follow")
@click.option(
    "--speed",
    default=60.0,
    show_default=True,
    type=click.FloatRange(1.0),
    help="Simulated seconds in a real one, until the clock has caught up with the present.",
)
@sessions_per_day_option
@seed_option
@click.option("--start", type=StartDay(), help="First local day.  [default: today]")
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
    Exit codes: 0 stopped, which is how it ends, 1 unexpected, 2 wrong arguments, 4 folder refused.
    """
    day = datetime.now(ZoneInfo(TENANTS[0].timezone)).date() if start is None else start.date()
    settings = Settings(
        days=_ENDLESS_DAYS, sessions_per_day=sessions_per_day, seed=seed, start=day, tenants=TENANTS[:tenants]
    )
    if TENANTS[0].instant(day) > time.time():
        raise click.UsageError("--start lies in the future; choose today or an earlier day.")
    stop = Flag()
    on_stop(lambda _number, _frame: stop.set())
    with explained(out):
        line_count = follow(settings, out, speed=speed, stop=stop, until_caught_up=until_caught_up)
    click.echo(f"{line_count:,} lines in {out}.", err=True)
