"""What a monitor wants to know of a status: whether loss, lag or dead letters pass what is tolerated."""

from collections.abc import Iterator
from dataclasses import dataclass

from .errors import RefusedError
from .status import Status


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What is tolerated; None: whatever it is.

    loss: share of lost lines, 0 to 1. lag_seconds: age of the newest event. dead_letters: lines that nobody has dealt
    with.
    """

    loss: float | None = None
    lag_seconds: float | None = None
    dead_letters: int | None = None

    def passed(self, status: Status) -> list[str]:
        """What is more than tolerated, in words. Raises RefusedError for a loss that nobody has measured."""
        return list(self._passed(status))

    def _passed(self, status: Status) -> Iterator[str]:
        if self.loss is not None:
            if status.loss is None:
                raise RefusedError(
                    "the loss of lines is not measured: marts.event_loss_daily is missing", "run: dbt build"
                )
            rate = status.loss.rate
            if rate is not None and rate > self.loss:
                yield f"loss {rate:.6f} is above {self.loss:g}"
        if self.lag_seconds is not None:
            age = status.newest_event_age_seconds
            if age is None or age > self.lag_seconds:
                told = "there is no event" if age is None else f"the newest event is {age:.0f} seconds old"
                yield f"{told}, more than {self.lag_seconds:g}"
        if self.dead_letters is not None:
            waiting = sum(states.get("new", 0) for states in status.dead_letters.values())
            if waiting > self.dead_letters:
                yield f"{waiting} dead letters wait, more than {self.dead_letters}"
