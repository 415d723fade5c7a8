"""A quality audit: a session's score, and perhaps a reviewer's own."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from emitter import QualityAuditCreated, QualityAuditReviewed

from .trace import Trace

if TYPE_CHECKING:
    from .world import World


@dataclass(slots=True)
class Scoring:
    """The automatic score of a session, and what was found wrong."""

    trace: Trace
    score: float
    issues: list[str]
    auditor: str


@dataclass(slots=True)
class Review:
    """A person confirmed or corrected the score."""

    trace: Trace
    reviewer_id: str
    final_score: float


class Audit:
    """One audit of a session. ``history`` holds what happened to it."""

    def __init__(self, world: "World", audit_id: str, session_id: str) -> None:
        self.audit_id = audit_id
        self.session_id = session_id
        self.history: list[Scoring | Review] = []
        self._world = world

    def score(self, score: float, issues: list[str], auditor: str = "auto-qa") -> None:
        """The session is scored."""
        event = QualityAuditCreated(
            audit_id=self.audit_id, session_id=self.session_id, score=score, issues=issues, auditor=auditor
        )
        self.history.append(Scoring(self._world.write(event), score, issues, auditor))

    def review(self, final_score: float, reviewer_id: str = "supervisor-1") -> None:
        """A reviewer gives the score that holds."""
        event = QualityAuditReviewed(audit_id=self.audit_id, reviewer_id=reviewer_id, final_score=final_score)
        self.history.append(Review(self._world.write(event), reviewer_id, final_score))
