"""The books that the truth is kept in, one per subject."""

from typing import Protocol

from ..world.agent import Shift
from ..world.session import Session
from ..world.thread import Thread
from ..world.ticket import Ticket
from ..world.world import World


class Book(Protocol):
    """Takes what is over, keeps of it what its tables need, and writes them."""

    def session_over(self, world: World, session: Session) -> None:
        """Nothing more will happen in a session."""

    def ticket_over(self, world: World, ticket: Ticket) -> None:
        """Nothing more will happen to a ticket."""

    def shift_over(self, world: World, shift: Shift) -> None:
        """An agent's work is over."""

    def thread_over(self, world: World, thread: Thread) -> None:
        """Nothing more will happen in a thread."""

    def close(self) -> None:
        """The world has ended: write what is not written yet."""


class Blank:
    """A book that takes no notice; subclasses override what concerns them."""

    def session_over(self, world: World, session: Session) -> None:
        """Nothing of it is kept."""

    def ticket_over(self, world: World, ticket: Ticket) -> None:
        """Nothing of it is kept."""

    def shift_over(self, world: World, shift: Shift) -> None:
        """Nothing of it is kept."""

    def thread_over(self, world: World, thread: Thread) -> None:
        """Nothing of it is kept."""

    def close(self) -> None:
        """Nothing is left to write."""
