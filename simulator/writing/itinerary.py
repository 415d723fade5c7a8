"""The itinerary of the log files: what happens to which of them in which delivery."""

from collections.abc import Sequence

from ..world.chance import Chance
from ..world.settings import Settings
from .actions import Action
from .start import Start
from .text import Text

#: Parts that single files play, in the order in which files are found for them, and the fault that asks for each. The
#: copies first: which lines come twice must not depend on the number of deliveries.
_ROLES = (
    ("copies", "copy"),
    ("copies", "packed copy"),
    ("copies", "again"),
    ("copytruncate", "copytruncate at a look"),
    ("rename", "rename"),
    ("late", "late"),
    ("copytruncate", "copytruncate"),
    ("rename", "rename"),
    ("late", "late"),
)
ROTATIONS = ("rename", "copytruncate")
_FEWEST_LINES = 20


def roles_of(starts: Sequence[Start], settings: Settings) -> dict[str, str]:
    """The parts by file name; files without one just grow, and are packed when their week is over."""
    able = [start for start in starts if start.line_count - len(start.missing) >= _FEWEST_LINES]
    Chance(f"{settings.seed}/roles").shuffle(able)
    # Finished files first: they are packed, too, which a copy or a rotation must go together with.
    able.sort(key=lambda start: not start.is_finished)
    roles: dict[str, str] = {}
    for fault, role in _ROLES:
        if fault in settings.faults and able:
            # What is rotated should have been seen before.
            fitting = (start for start in able if not role.startswith(ROTATIONS) or looks_within(start))
            start = next(fitting, able[0])
            able.remove(start)
            roles[start.filename] = role
    return roles


def looks_within(start: Start) -> list[int]:
    """Lines of a start at the deliveries during which it was running, but for those that are followed by only one."""
    return [count for count in start.line_counts_at[:-1] if 0 < count < start.line_count - 1]


class Itinerary:
    """Actions by delivery."""

    def __init__(self, delivery_count: int) -> None:
        self.deliveries: list[list[Action]] = [[] for _ in range(delivery_count)]

    @property
    def last(self) -> int:
        """The number of the last delivery, from 0."""
        return len(self.deliveries) - 1

    def add(self, delivery: int, *actions: Action) -> None:
        """Something happens in a delivery, or in the last one where that would be too late."""
        self.deliveries[min(delivery, self.last)] += actions

    def place(self, delivery: int, file: str, text: Text) -> None:
        """A whole file comes at once."""
        self.add(
            delivery,
            Action(what="place", file=file, source=text.path.name, end=text.size, lines=text.complete_line_count),
        )
