"""The truth of a world: a witness that keeps its books while the world is played."""

from pathlib import Path

from ..world.relay import Relay
from ..world.settings import Settings
from .agents import AgentBook
from .audits import AuditBook
from .book import Book
from .business import BusinessBook
from .claims import Claims
from .facts import FactBook
from .operations import OperationBook
from .replay import ReplayBook
from .sessions import SessionBook
from .sla import SlaBook
from .threads import ThreadBook
from .tickets import TicketBook
from .view import View

#: Faults by which what came into the logs is not what happened.
_VEILS = frozenset({"loss", "half_written", "skew"})


class Truth(Relay):
    """Writes ``<folder>/<table>.csv``, and ``<folder>/happened/<table>.csv`` where that is something else."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        self._books = _books(folder, settings, View(settings.as_of, is_recorded=True))
        if _VEILS & settings.faults:
            self._books += _books(folder / "happened", settings, View(settings.as_of, is_recorded=False))
        super().__init__(*self._books)

    def close(self) -> None:
        """The world has ended: finish the books, in their order."""
        for book in self._books:
            book.close()


def _books(folder: Path, settings: Settings, view: View) -> list[Book]:
    """The books of one view; a later one may read what an earlier one has kept."""
    claims = Claims(folder)
    sessions = SessionBook(folder, settings, view, claims)
    claims.is_final = sessions.is_final
    agents = AgentBook(folder, settings, view, claims)
    tickets = TicketBook(folder, settings, view, claims)
    clocks, threads = SlaBook(folder, settings, view), ThreadBook(folder, settings, view)
    business = BusinessBook(folder, settings, view, sessions=sessions, agents=agents, tickets=tickets)
    facts, operations = FactBook(folder, settings, view), OperationBook(folder, view, sessions)
    audits, replays = AuditBook(folder, view, sessions), ReplayBook(folder, settings, view)
    return [sessions, agents, tickets, clocks, threads, business, facts, operations, audits, replays]
