"""The book of quality audits: their scores, and the sessions of a day that were audited."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from ..world.audit import Audit, Review, Scoring
from ..world.world import World
from .book import Blank
from .exact import ratio, six
from .sessions import SessionBook
from .table import Row, Table, write_table
from .view import View


class AuditBook(Blank):
    """Writes audits that are over, where their scoring is seen, and the days when the world has ended."""

    def __init__(self, folder: Path, view: View, sessions: SessionBook) -> None:
        self._folder = folder
        self._view = view
        self._sessions = sessions
        self._audits = Table(folder / "fct_quality_audits.csv")
        self._by_session: defaultdict[tuple[str, str], list[Row]] = defaultdict(list)

    def audit_over(self, world: World, audit: Audit) -> None:
        """Write its row."""
        steps = self._view.seen(audit.history)
        scorings = [step for step in steps if isinstance(step, Scoring)]
        reviews = [step for step in steps if isinstance(step, Review)]
        if scorings:
            row = self._row(world, audit, scorings[0], reviews[-1] if reviews else None)
            self._audits.add(row)
            self._by_session[world.tenant.tenant_id, audit.session_id].append(row)

    def close(self) -> None:
        """Write the days."""
        self._audits.close()
        write_table(self._folder / "quality_summary_daily.csv", self._days())

    def _row(self, world: World, audit: Audit, scoring: Scoring, review: Review | None) -> dict[str, Any]:
        audited_at = self._view.at(scoring.trace)
        score = six(Decimal(str(scoring.score)))
        final_score = six(Decimal(str(review.final_score))) if review else None
        return {
            "tenant_id": world.tenant.tenant_id,
            "audit_id": audit.audit_id,
            "session_id": audit.session_id,
            "event_id": scoring.trace.event_id,
            "review_event_id": review.trace.event_id if review else None,
            "audit_date": world.tenant.local_date(audited_at),
            "audited_at": audited_at,
            "reviewed_at": self._view.at(review.trace) if review else None,
            "auditor": scoring.auditor,
            "reviewer_id": review.reviewer_id if review else None,
            "issues": ", ".join(scoring.issues),
            "is_reviewed": review is not None,
            "issues_count": len(scoring.issues),
            "automatic_score": score,
            "reviewed_score": final_score,
            "score_delta": None if final_score is None else final_score - score,
        }

    def _days(self) -> Iterator[Row]:
        audits: defaultdict[tuple[str, date], list[Row]] = defaultdict(list)
        audited: defaultdict[tuple[str, date], int] = defaultdict(int)
        for (tenant_id, session_id), rows in self._by_session.items():
            day = self._sessions.session_dates.get((tenant_id, session_id))
            if day is not None:
                audits[tenant_id, day] += rows
                audited[tenant_id, day] += 1
        for (tenant_id, day), figures in self._sessions.session_days.items():
            key = {"tenant_id": tenant_id, "session_date": day}
            summary = _summary(figures["sessions_count"], audited[tenant_id, day], audits[tenant_id, day])
            yield key | summary | {"is_final": figures["is_final"]}


def _summary(sessions: int, audited: int, audits: list[Row]) -> dict[str, Any]:
    scores = [audit["automatic_score"] for audit in audits]
    deltas = [audit["score_delta"] for audit in audits if audit["score_delta"] is not None]
    reviewed = sum(audit["is_reviewed"] for audit in audits)
    return {
        "sessions_count": sessions,
        "audited_sessions_count": audited,
        "unaudited_sessions_count": sessions - audited,
        "audits_count": len(audits),
        "scored_audits_count": len(scores),
        "automatic_score_total": sum(scores) if scores else None,
        "reviewed_audits_count": reviewed,
        "corrected_audits_count": sum(delta != 0 for delta in deltas),
        "compared_audits_count": len(deltas),
        "score_delta_total": sum(deltas) if deltas else None,
        "audits_with_issues_count": sum(audit["issues_count"] > 0 for audit in audits),
        "issues_count": sum(audit["issues_count"] for audit in audits),
        "audit_coverage_rate": ratio(audited, sessions),
        "avg_automatic_score": ratio(sum(scores), len(scores)),
        "avg_score_delta": ratio(sum(deltas), len(deltas)),
        "review_rate": ratio(reviewed, len(audits)),
    }
