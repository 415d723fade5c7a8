"""What a product can ask its emitter."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Health:
    """How a handler stands, since the process began.

    written_count: lines in files. waiting_count: events that are accepted and not written yet. lost_count: events
    that will not be written; each leaves a gap in ``seq``. error: what stands in the way of writing at the moment.
    path: the file that is open.
    """

    written_count: int
    waiting_count: int
    lost_count: int
    error: str | None
    path: Path | None

    @property
    def is_well(self) -> bool:
        """Whether events come into the file, as far as is known. Lost ones do not change that: they are past."""
        return self.error is None
