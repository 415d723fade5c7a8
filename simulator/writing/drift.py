"""What the contract does not know of the lines in the logs."""

from dataclasses import dataclass

from ..world.trace import Trace


@dataclass
class Drift:
    """Lines with one unknown thing; instants as logged, in seconds since the epoch."""

    line_count: int
    first_seen_at: float
    last_seen_at: float


class Drifts(dict[tuple[str, str], Drift]):
    """By event and unknown field; the field is empty where the event itself is unknown."""

    def note(self, event: str, field: str, trace: Trace) -> None:
        """A line was written; what never came into the logs was never seen."""
        if trace.is_recorded:
            drift = self.setdefault((event, field), Drift(0, trace.logged_at, trace.logged_at))
            drift.line_count += 1
            drift.first_seen_at = min(drift.first_seen_at, trace.logged_at)
            drift.last_seen_at = max(drift.last_seen_at, trace.logged_at)
