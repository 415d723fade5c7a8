"""Quality audits: a sample of the sessions is scored, and part of the scores reviewed."""

from emitter import QualityAuditCreated, QualityAuditReviewed

from ..world.agenda import Process
from ..world.session import Session
from ..world.tenant import HOUR
from ..world.world import World

_ISSUES = ("slow_answer", "wrong_answer", "missing_greeting", "unclear_wording", "no_follow_up")


def audit(world: World, session: Session) -> Process:
    """Score a session some hours after its end; a reviewer may confirm or correct the score."""
    chance = world.chance("audit", session.session_id)
    yield chance.uniform(1, 20) * HOUR
    score = round(100 * chance.betavariate(9, 2), 1)
    audit_id = f"q-{chance.getrandbits(40):010x}"
    issues = chance.sample(_ISSUES, 0 if score >= 85 else chance.randint(1, 2))
    world.write(
        QualityAuditCreated(
            audit_id=audit_id, session_id=session.session_id, score=score, issues=issues, auditor="auto-qa"
        )
    )
    if not chance.happens(0.4):
        return
    yield chance.uniform(2, 30) * HOUR
    final_score = score if chance.happens(0.6) else round(min(100, max(0, score + chance.gauss(0, 8))), 1)
    world.write(QualityAuditReviewed(audit_id=audit_id, reviewer_id="supervisor-1", final_score=final_score))
