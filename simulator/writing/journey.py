"""The journey of one start's lines into the log folder: growing, rotated, packed, copied."""

from datetime import date, timedelta
from itertools import islice

from ..world.chance import Chance
from .actions import Action
from .itinerary import ROTATIONS, Itinerary, looks_within
from .start import Start
from .text import Mark, Text

_EPOCH = date(1970, 1, 1)


class Journey:
    """Plans the actions for one start in the part that its file plays."""

    def __init__(self, itinerary: Itinerary, start: Start, role: str, chance: Chance) -> None:
        self._itinerary = itinerary
        self._start = start
        self._role = role
        self._chance = chance
        self._counts = [self._count_at(delivery) for delivery in range(itinerary.last + 1)]
        self._rotates_at = self._rotation()
        self._begin = Mark(0, 0)
        self._sent = 0

    @property
    def cuts(self) -> list[int]:
        """Numbers of written lines behind which the text must be marked."""
        return [*self._counts, self._rotates_at]

    def plan(self, text: Text) -> int:
        """Plan all of it; the result is the delivery that completes the text."""
        for delivery, count in enumerate(self._counts):
            if self._begin.size == 0 and self._is_rotated(text, count):
                self._grow(delivery, text, self._rotates_at)
                self._rotate(delivery, text)
            self._grow(delivery, text, count)
        complete = self._counts.index(self._start.line_count)
        self._finish(complete, text)
        return complete

    def _count_at(self, delivery: int) -> int:
        if delivery == self._itinerary.last:
            return self._start.line_count
        return 0 if self._role == "late" else self._start.count_until(delivery)

    def _rotation(self) -> int:
        """The number of the last line before the rotation; -1 where there is none."""
        if not self._role.startswith(ROTATIONS):
            return -1
        looks = looks_within(self._start)
        look = looks[len(looks) // 2] if looks else 0
        if self._role == "copytruncate at a look" and look:
            # Nothing was written since the last look: a reader finds the emptied file, and no line that leads further.
            return look
        return (look + self._start.line_count) // 2

    def _is_rotated(self, text: Text, number: int) -> bool:
        """Whether there are lines before the rotation, and by now lines after it."""
        before = text.marks.get(self._rotates_at)
        return before is not None and 0 < before.line_count < text.marks[number].line_count

    def _grow(self, delivery: int, text: Text, number: int) -> None:
        """Lines up to a number come, perhaps with the beginning of the next one."""
        mark = text.marks[number]
        end = mark.size
        # A file is rotated between two lines.
        ends = {0, text.size, *(text.marks[cut].size for cut in text.marks if cut == self._rotates_at)}
        if end not in ends and self._chance.happens(0.5):
            end += self._chance.randrange(text.line_length(end))
        is_complete = number == self._start.line_count
        if end > self._sent:
            action = Action(
                what="append",
                file=self._start.filename,
                source=text.path.name,
                begin=self._sent,
                end=end,
                size=self._sent - self._begin.size,
                first_line=self._begin.line_count,
                lines=(text.complete_line_count if is_complete else mark.line_count) - self._begin.line_count,
            )
            self._itinerary.add(delivery, action)
            self._sent = end

    def _rotate(self, delivery: int, text: Text) -> None:
        name = self._start.filename
        day = _EPOCH + timedelta(days=next(islice(self._start.days(), self._rotates_at - 1, None)))
        other = self._name(f"{day:%Y%m%d}")
        if self._role == "rename":
            self._itinerary.add(delivery, Action(what="rename", file=name, other=other))
            self._itinerary.add(delivery + 1, Action(what="compress", file=other))
        else:
            self._itinerary.add(
                delivery, Action(what="copy", file=name, other=other), Action(what="truncate", file=name)
            )
        self._begin = text.marks[self._rotates_at]

    def _finish(self, complete: int, text: Text) -> None:
        """What happens when the last line is there."""
        name, copy = self._start.filename, self._name("copy")
        if self._role in {"copy", "packed copy"}:
            self._itinerary.add(complete + 1, Action(what="copy", file=name, other=copy))
        if self._role == "packed copy":
            self._itinerary.add(complete + 1, Action(what="compress", file=copy))
        # Where every line was lost there is no file.
        if self._start.is_finished and text.size:
            self._itinerary.add(complete + 1, Action(what="compress", file=name))
        if self._role == "again":
            self._itinerary.place(complete + 2, name, text)

    def _name(self, suffix: str) -> str:
        return f"{self._start.name}-{suffix}.jsonl"
