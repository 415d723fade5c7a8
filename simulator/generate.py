"""A run: play the world, write its logs, tell the truth, then let go wrong what was asked for."""

import gc
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .play.simulation import play
from .truth.book import Blank
from .truth.truth import Truth
from .world.agenda import Agenda
from .world.settings import Settings
from .world.tenant import DAY
from .world.world import Witness, World
from .writing.accounts import write_accounts
from .writing.bulk import BulkWriter
from .writing.deliveries import PENDING, perform_all, write_plan
from .writing.dispatch import Dispatch
from .writing.folder import folder_in_place_of, write_record
from .writing.journal import Journal
from .writing.parameters import write_parameters
from .writing.record import Tally, counts, parameters


@dataclass(frozen=True)
class Run:
    """What a run wrote: the number of lines, sessions and log files."""

    line_count: int
    session_count: int
    file_count: int


OnDay = Callable[[int], None]


def generate(settings: Settings, out: Path, *, deliveries: int = 1, on_day: OnDay | None = None) -> Run:
    """Write a world into a folder: logs, truth, parameters, record; the same settings give the same bytes.

    deliveries: in how many parts the logs come; with more than one they wait beside the empty log folder.
    on_day: called with the number of days that are over, for a progress bar.
    Raises :class:`~simulator.errors.FolderRefusedError` for a folder that is not ours, and
    :class:`~simulator.errors.UnwrittenLinesError` or OSError when files could not be written.
    """
    with folder_in_place_of(out) as folder:
        truth = Truth(folder / "truth", settings)
        tally = Tally(truth)
        window = settings.days * DAY
        deliver_at = [_begin(settings) + number * window / deliveries for number in range(1, deliveries)]
        journal, worlds = _play(settings, folder / "written", tally, deliver_at, on_day)
        truth.close()
        dispatch = Dispatch(folder / "written", folder / PENDING, journal, settings, count=deliveries)
        shutil.rmtree(folder / "written")
        write_accounts(folder / "truth", journal, dispatch, settings.as_of)
        if deliveries == 1:
            perform_all(dispatch.deliveries, folder / "logs", folder / PENDING)
            shutil.rmtree(folder / PENDING)
        else:
            write_plan(folder, dispatch.deliveries)
        _describe(folder, settings, parameters(settings, delivery_count=deliveries) | counts(tally, journal, dispatch))
        return Run(dispatch.line_count, sum(world.session_count for world in worlds), len(dispatch.lines_by_file))


def generate_bulk(settings: Settings, out: Path, on_day: OnDay | None = None) -> Run:
    """Write the logs of a world quickly, with nothing beside them, in memory that hardly grows.

    Raises as :func:`generate`.
    """
    with folder_in_place_of(out) as folder:
        agenda = Agenda(_begin(settings))
        # Hardly anything in the world points in circles; looking for them costs a twentieth of the time.
        gc.disable()
        try:
            with BulkWriter(folder / "logs", settings, lambda: agenda.now) as writer:
                worlds = [World(settings, tenant, agenda, writer, Blank()) for tenant in settings.tenants]
                play(agenda, worlds, on_day)
        finally:
            gc.enable()
        record = {
            "counts": {"lines": writer.lines.total()},
            "events": dict(sorted(writer.events.items())),
            "lines": dict(sorted(writer.lines.items())),
        }
        _describe(folder, settings, parameters(settings) | record)
        return Run(writer.lines.total(), sum(world.session_count for world in worlds), len(writer.lines))


def _play(
    settings: Settings, folder: Path, witness: Witness, deliver_at: list[float], on_day: OnDay | None
) -> tuple[Journal, list[World]]:
    agenda = Agenda(_begin(settings))
    journal = Journal(folder, settings, clock=lambda: agenda.now, deliver_at=deliver_at)
    worlds = [World(settings, tenant, agenda, journal, witness) for tenant in settings.tenants]
    with journal:
        play(agenda, worlds, on_day)
    return journal, worlds


def _begin(settings: Settings) -> float:
    """The first midnight of the window, wherever the sun rises first."""
    return min(tenant.instant(settings.start) for tenant in settings.tenants)


def _describe(folder: Path, settings: Settings, record: dict[str, Any]) -> None:
    write_parameters(folder / "parameters", settings.tenants)
    write_record(folder, record)
