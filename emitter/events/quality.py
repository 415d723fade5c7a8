"""Quality audits."""

from ._base import Event, Id, Percentage


class QualityAuditCreated(Event, tag="quality.audit_created"):
    """A session was scored, 0 to 100."""

    audit_id: Id
    session_id: Id
    score: Percentage
    issues: list[str] | None = None
    auditor: str | None = None


class QualityAuditReviewed(Event, tag="quality.audit_reviewed"):
    """A reviewer confirmed or changed the score of an audit."""

    audit_id: Id
    reviewer_id: Id
    final_score: Percentage
