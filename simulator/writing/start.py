"""One start of a product, and what became of the lines that it wrote."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import repeat
from math import inf

from emitter import EventFileHandler

from ..world.tenant import DAY
from .loss import Loss


@dataclass
class Start:
    """One start of a product, with a log file and an ``emitter_id`` of its own.

    emit: writes a line. skew_seconds: how far its clock is ahead. is_finished: its week ended before the window did.
    line_count: lines written; lost: numbers (from 1) of the lines that never come into the logs; is_killed: the last
    line was being written when the product was killed. line_counts_at: how many lines there were at each delivery.
    dies_at: when it is killed, in seconds since the epoch. day_begins: by the day in UTC that lines bear, in days since
    the epoch, the number of the first one.
    """

    product: str
    filename: str
    emit: Callable[..., str | None]
    handler: EventFileHandler
    emitter_id: str
    started_at: float
    skew_seconds: float
    is_finished: bool
    loss: Loss | None = None
    line_count: int = 0
    lost: list[int] = field(default_factory=list)
    is_killed: bool = False
    line_counts_at: list[int] = field(default_factory=list)
    dies_at: float = inf
    day_begins: dict[int, int] = field(default_factory=dict)
    _day_ends_at: float = 0.0

    @property
    def name(self) -> str:
        """The file's name without its ending."""
        return self.filename.removesuffix(".jsonl")

    @property
    def missing(self) -> list[int]:
        """Numbers of the lines that did not come whole: the lost ones, and the one that was cut off."""
        return [*self.lost, self.line_count] if self.is_killed else self.lost

    @property
    def missing_at_end_count(self) -> int:
        """How many lines are missing after the last one that came: no gap shows them."""
        count = 0
        for number in reversed(self.missing):
            if number != self.line_count - count:
                break
            count += 1
        return count

    def count_until(self, delivery: int) -> int:
        """Lines written before a delivery's end; deliveries after the last recorded one hold everything."""
        return self.line_counts_at[delivery] if delivery < len(self.line_counts_at) else self.line_count

    def count(self, logged_at: float) -> None:
        """One more line, with the instant that it bears; time passes from line to line."""
        self.line_count += 1
        if logged_at >= self._day_ends_at:
            day = int(logged_at // DAY)
            self._day_ends_at = (day + 1) * DAY
            self.day_begins[day] = self.line_count

    def days(self) -> Iterator[int]:
        """The day that each line bears in turn, in days since the epoch."""
        ends = [*list(self.day_begins.values())[1:], self.line_count + 1]
        for (day, begin), end in zip(self.day_begins.items(), ends, strict=True):
            yield from repeat(day, end - begin)
