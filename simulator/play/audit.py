"""Quality audits: a sample of the sessions is scored, and part of the scores reviewed."""

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
    audited = world.new_audit(f"q-{chance.getrandbits(40):010x}", session)
    audited.score(score, chance.sample(_ISSUES, 0 if score >= 85 else chance.randint(1, 2)))
    if chance.happens(0.4):
        yield chance.uniform(2, 30) * HOUR
        audited.review(score if chance.happens(0.6) else round(min(100, max(0, score + chance.gauss(0, 8))), 1))
    world.finish(audited)
