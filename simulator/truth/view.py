"""Two views of the same memory: what came into the logs, as logged, and what happened, when it happened."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Protocol, TypeVar

from ..world.tenant import DAY, Tenant
from ..world.trace import Trace

#: Lines later than this after the end of a day are not expected, in seconds.
_LATENESS = DAY


class Traced(Protocol):
    """Something that left a trace."""

    trace: Trace


T = TypeVar("T", bound=Traced)


@dataclass(frozen=True)
class View:
    """What is seen at an instant.

    as_of: "now", in seconds since the epoch; what is dated later is not seen. is_recorded: only what came into the logs
    is seen, at the instant that the log gives it; otherwise everything, at the instant at which it was.
    """

    as_of: float
    is_recorded: bool

    def sees(self, trace: Trace) -> bool:
        """Whether something is seen."""
        return self.at(trace) <= self.as_of and (trace.is_recorded or not self.is_recorded)

    def at(self, trace: Trace) -> float:
        """When it seems to have happened."""
        return trace.logged_at if self.is_recorded else trace.at

    def order(self, trace: Trace) -> tuple[float, str, int]:
        """What comes first: the earlier one; at one instant that of the lower emitter id, then what it wrote first."""
        return (trace.logged_at, trace.emitter_id, trace.number) if self.is_recorded else (trace.at, "", trace.number)

    def is_past(self, tenant: Tenant, day: date) -> bool:
        """Whether a local day is over and no more of its lines are expected; the last are taken to come at "now"."""
        return tenant.instant(day, 24.0) + _LATENESS <= self.as_of

    def seen(self, history: Iterable[T]) -> list[T]:
        """What is seen of a history, in its order."""
        return sorted((item for item in history if self.sees(item.trace)), key=lambda item: self.order(item.trace))
