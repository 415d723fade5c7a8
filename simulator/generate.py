"""A run: play the world, write its logs, add what goes wrong, record what was true."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from .agenda import Agenda
from .chance import Chance
from .faults import add_faults
from .folder import compress, folder_in_place_of, write_record
from .journal import Journal
from .record import record
from .settings import Settings
from .simulation import play
from .tenant import Tenant
from .world import World


@dataclass(frozen=True)
class Run:
    """What a run wrote: the number of lines, sessions and files."""

    line_count: int
    session_count: int
    file_count: int


def generate(settings: Settings, out: Path, on_day: Callable[[int], None] | None = None) -> Run:
    """Write the logs of a simulated window into a folder; the same settings give the same bytes.

    on_day: called with the number of days that are over, for a progress bar.
    Raises :class:`~simulator.folder.FolderRefusedError` for a folder that is not ours, and
    :class:`~simulator.journal.LostLinesError` when lines could not be written.
    """
    with folder_in_place_of(out) as folder:
        tenant = Tenant()
        agenda = Agenda(tenant.instant(settings.start))
        journal = Journal(
            folder,
            clock=lambda: agenda.now,
            begins_at=agenda.now,
            days=settings.days,
            chance=Chance(f"{settings.seed}/emitter"),
        )
        world = World(settings, tenant, agenda, journal)
        with journal:
            play(world, on_day)
        chats = [name for name in journal.filenames if name.startswith("ai_chatbot")]
        instant = datetime.fromtimestamp(world.begins_at, UTC).isoformat()
        faults = add_faults(folder, chats, instant, Chance(f"{settings.seed}/faults"))
        for name in journal.older_filenames:
            compress(folder / name)
        lines = journal.lines_by_file + faults.lines_by_file
        write_record(folder, record(world, journal, faults))
        return Run(line_count=lines.total(), session_count=len(world.sessions), file_count=len(lines))
