"""What the commands share: options, signals, errors."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from types import FrameType

import click

from .errors import StoppedError, UnwrittenError, UnwrittenLinesError
from .world.tenants import TENANTS


class StartDay(click.DateTime):
    """A local day that the loader takes."""

    def __init__(self) -> None:
        super().__init__(["%Y-%m-%d"])

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """The day's midnight, without a zone."""
        start: datetime = super().convert(value, param, ctx)
        if not 2000 < start.year < 2089:
            self.fail("choose a year from 2001 to 2088; the loader takes no others.", param, ctx)
        return start


sessions_per_day_option = click.option(
    "--sessions-per-day",
    default=200,
    show_default=True,
    type=click.IntRange(1, 1_000_000),
    help="Of each support desk, mean over a week.",
)
seed_option = click.option("--seed", default=7, show_default=True, type=int, help="The same seed gives the same bytes.")
tenants_option = click.option(
    "--tenants",
    default=1,
    show_default=True,
    type=click.IntRange(1, len(TENANTS)),
    help="Support desks: " + ", ".join(tenant.timezone for tenant in TENANTS) + ".",
)
out_option = click.option(
    "--out",
    metavar="DIR",
    default="simulated",
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the world: new, empty, or of an earlier run.",
)


@contextmanager
def explained(folder: Path) -> Iterator[None]:
    """Turn what can go wrong with the writing of a folder into words."""
    try:
        yield
    except (OSError, UnwrittenLinesError) as error:
        reason = error.strerror or type(error).__name__ if isinstance(error, OSError) else error.what
        raise UnwrittenError(
            f"cannot write to {folder}: {reason}",
            "check that it is a folder that you may write to, on a disk with space; then run the same command again",
        ) from error


@contextmanager
def stoppable(state: str, next_step: str = "") -> Iterator[None]:
    """Let Ctrl-C and SIGTERM end the command, after what is half made was cleared away; state: how things are then."""
    received: list[int] = []

    def stop(number: int, _frame: FrameType | None) -> None:
        received.append(number)
        raise KeyboardInterrupt

    on_stop(stop)
    try:
        yield
    except (KeyboardInterrupt, StoppedError) as error:
        stopped = error if isinstance(error, StoppedError) else StoppedError(f"stopped; {state}", next_step)
        stopped.exit_code = 128 + (received[0] if received else signal.SIGINT)
        raise stopped from None


def on_stop(handler: Callable[[int, FrameType | None], None]) -> None:
    """Let a function handle Ctrl-C and SIGTERM."""
    for number in (signal.SIGINT, signal.SIGTERM):
        # A shell that starts a job in the background has it ignore Ctrl-C: that is kept.
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, handler)
