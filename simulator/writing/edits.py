"""What goes wrong with the lines of one log file: which are lost, late, repeated, or not lines of the contract."""

from collections import defaultdict
from dataclasses import dataclass, field

from ..world.chance import Chance
from ..world.settings import Settings
from .garbage import MALFORMED
from .start import Start

_LATE_BY_A_LITTLE, _LATE_BY_MUCH = 0.02, 0.002
_REPEATED_COUNT = 12
_GARBAGE_COUNT = 3


@dataclass
class Edits:
    """Changes to a file, by the numbers (from 1) of the lines as they were written.

    missing: left out. delayed, repeated: behind which later line a line comes instead, or once more. garbage: kinds of
    malformed lines before a line; before the line after the last one, they end the file. half_written: the line that is
    cut off, the last one; 0 if none is.
    """

    missing: frozenset[int] = frozenset()
    delayed: dict[int, int] = field(default_factory=dict)
    repeated: dict[int, int] = field(default_factory=dict)
    garbage: defaultdict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    half_written: int = 0

    @property
    def is_empty(self) -> bool:
        """Whether the file stays as it was written."""
        return not (self.missing or self.delayed or self.repeated or self.garbage or self.half_written)


def draw_edits(start: Start, settings: Settings) -> Edits:
    """Choose what goes wrong with a start's lines; the losses were chosen when they were written."""
    edits = Edits(missing=frozenset(start.lost), half_written=start.line_count if start.is_killed else 0)
    last = start.line_count - start.is_killed
    there = [number for number in range(1, last + 1) if number not in edits.missing] if settings.faults else []
    if not there:
        return edits
    chance = Chance(f"{settings.seed}/edits/{start.filename}")
    if "shuffled" in settings.faults:
        for number in there:
            if chance.happens(_LATE_BY_A_LITTLE):
                edits.delayed[number] = min(last, number + chance.randint(1, 20))
        for number in chance.sample(there, max(1, int(len(there) * _LATE_BY_MUCH))):
            edits.delayed[number] = chance.randint(number, last)
    if "duplicates" in settings.faults:
        for number in chance.sample(there, min(len(there), _REPEATED_COUNT)):
            # A product that tries again does so at once, a shipper perhaps much later.
            edits.repeated[number] = number if chance.happens(0.5) else chance.randint(number, last)
    if "garbage" in settings.faults:
        for kind in chance.sample(list(MALFORMED), _GARBAGE_COUNT):
            edits.garbage[chance.choice((1, chance.randint(1, last), last + 1))].append(kind)
    return edits
