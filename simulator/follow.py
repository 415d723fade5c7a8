"""Following: logs that grow while somebody looks, for live demos."""

from collections.abc import Callable
from pathlib import Path
from threading import Event as Flag

from .live import LiveAgenda
from .play.simulation import play
from .truth.book import Blank
from .world.settings import Settings
from .world.tenant import HOUR
from .world.world import World
from .writing.folder import take_over, write_record
from .writing.journal import Journal
from .writing.parameters import write_parameters
from .writing.record import endless_parameters

#: Local hour of the first tenant at which there begins to be something to see.
BEGIN_HOUR = 8


def follow(
    settings: Settings,
    out: Path,
    *,
    speed: float,
    stop: Flag,
    until_caught_up: bool = False,
    on_begin: Callable[[], None] | None = None,
) -> int:
    """Write lines into ``out/logs``, each at once when it happens, until ``stop`` is set; the result is their number.

    The simulated clock begins at :data:`BEGIN_HOUR` of the first tenant's first day, what was before comes at once. It
    runs ``speed`` times as fast as the real one until it shows the present; from then on both are the same. No line
    bears an instant of the future. until_caught_up: end there. on_begin: called when the folder is ready.
    Raises :class:`~simulator.errors.FolderRefusedError` for a folder that is not ours, and
    :class:`~simulator.errors.UnwrittenLinesError` or OSError when files could not be written.
    """
    take_over(out)
    write_parameters(out / "parameters", settings.tenants)
    write_record(out, endless_parameters(settings))
    if on_begin is not None:
        on_begin()
    known_count = 0

    def look() -> None:
        nonlocal known_count
        if len(journal.starts) > known_count:
            known_count = len(journal.starts)
            write_record(out, endless_parameters(settings), _names(out, journal))

    midnight = min(tenant.instant(settings.start) for tenant in settings.tenants)
    begin = settings.tenants[0].instant(settings.start) + BEGIN_HOUR * HOUR
    agenda = LiveAgenda(midnight, begin, speed, stop, until_caught_up=until_caught_up, on_look=look)
    journal = Journal(out / "logs", settings, clock=lambda: agenda.now, batch_lines=1)
    worlds = [World(settings, tenant, agenda, journal, Blank()) for tenant in settings.tenants]
    with journal:
        play(agenda, worlds)
    return _line_count(journal)


def _names(out: Path, journal: Journal) -> list[str]:
    parameter_files = [path.relative_to(out).as_posix() for path in (out / "parameters").iterdir()]
    return [*parameter_files, *(f"logs/{start.filename}" for start in journal.starts)]


def _line_count(journal: Journal) -> int:
    return sum(start.line_count for start in journal.starts)
