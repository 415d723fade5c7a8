"""Lines that never come into the logs, decided as they are written."""

from ..world.chance import Chance
from ..world.tenant import HOUR

_SINGLE_SHARE = 0.0015
#: A burst begins with this probability at each line, and takes so many lines at most.
_BURST_SHARE, _LONGEST_BURST = 0.0001, 40
#: Some starts lose everything at their end: the last lines before a machine goes down.
_TAIL_SHARE, _LONGEST_TAIL = 0.4, 3 * HOUR


class Loss:
    """Which lines of one start are lost: single ones, bursts, and in some starts the tail.

    ends_at: when the start is going to end, in seconds since the epoch.
    """

    def __init__(self, chance: Chance, ends_at: float) -> None:
        self._chance = chance
        self._burst = 0
        self._tail_from = float("inf")
        if chance.happens(_TAIL_SHARE):
            self._tail_from = ends_at - chance.uniform(0.05, 1) * _LONGEST_TAIL

    def takes(self, now: float) -> bool:
        """Whether the line that is written now is lost."""
        if self._burst:
            self._burst -= 1
            return True
        if self._chance.happens(_BURST_SHARE):
            self._burst = self._chance.randrange(4, _LONGEST_BURST)
            return True
        return now >= self._tail_from or self._chance.happens(_SINGLE_SHARE)
