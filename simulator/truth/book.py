"""The books that the truth is kept in, one per subject."""

from typing import Protocol

from ..world.relay import Relay
from ..world.world import Witness


class Book(Witness, Protocol):
    """Takes what is over, keeps of it what its tables need, and writes them."""

    def close(self) -> None:
        """The world has ended: write what is not written yet."""


class Blank(Relay):
    """A book that takes no notice and tells nobody; subclasses override what concerns them."""

    def close(self) -> None:
        """Nothing is left to write."""
