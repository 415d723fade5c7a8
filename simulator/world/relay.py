"""A witness that passes on what it is told."""

from .agent import Shift
from .audit import Audit
from .happenings import Call
from .session import Session
from .thread import Thread
from .ticket import Ticket
from .world import Witness, World


class Relay(Witness):
    """Tells other witnesses, in their order; of itself it tells nobody."""

    _others: tuple[Witness, ...] = ()

    def __init__(self, *others: Witness) -> None:
        self._others = others

    def session_over(self, world: World, session: Session) -> None:
        """Nothing more will happen in a session."""
        for other in self._others:
            other.session_over(world, session)

    def ticket_over(self, world: World, ticket: Ticket) -> None:
        """Nothing more will happen to a ticket."""
        for other in self._others:
            other.ticket_over(world, ticket)

    def shift_over(self, world: World, shift: Shift) -> None:
        """An agent's work is over."""
        for other in self._others:
            other.shift_over(world, shift)

    def thread_over(self, world: World, thread: Thread) -> None:
        """Nothing more will happen in a thread."""
        for other in self._others:
            other.thread_over(world, thread)

    def audit_over(self, world: World, audit: Audit) -> None:
        """Nothing more will happen to an audit."""
        for other in self._others:
            other.audit_over(world, audit)

    def api_failed(self, world: World, error: Call) -> None:
        """An API failed outside of all sessions."""
        for other in self._others:
            other.api_failed(world, error)
