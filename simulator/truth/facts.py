"""The book of single happenings: what was said, looked up, called, asked for, judged and used, one row each."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..world.happenings import (
    AgentTurn,
    Call,
    Escalation,
    Feedback,
    Happening,
    Query,
    Rating,
    TokenUse,
    Turn,
)
from ..world.session import Session
from ..world.settings import Settings
from ..world.tenant import Tenant
from ..world.world import World
from .book import Blank
from .money import Money, cached_tokens
from .session_memory import SessionMemory
from .table import Row, Table
from .view import View

_FACTS = (
    "fct_session_messages",
    "fct_queries",
    "fct_api_calls",
    "fct_escalations",
    "fct_ratings",
    "fct_token_usage",
)


class FactBook(Blank):
    """Writes what happened in a session when it is over, whether the chatbot knows of the session or not."""

    def __init__(self, folder: Path, settings: Settings, view: View) -> None:
        self._view = view
        self._money = Money(settings)
        self._tables = {name: Table(folder / f"{name}.csv") for name in _FACTS}

    def session_over(self, world: World, session: Session) -> None:
        """Write what is seen of it."""
        for name, row in self._rows(world.tenant, session, SessionMemory(session, self._view)):
            self._tables[name].add(row)

    def api_failed(self, world: World, error: Call) -> None:
        """Write a failure outside of all sessions, if it is seen."""
        if self._view.sees(error.trace):
            row = self._fact(world.tenant, None, error, "call_date", "called_at", **_called(error))
            self._tables["fct_api_calls"].add(row)

    def close(self) -> None:
        """Nothing more happens."""
        for table in self._tables.values():
            table.close()

    def _rows(self, tenant: Tenant, session: Session, memory: SessionMemory) -> Iterator[tuple[str, Row]]:
        def fact(happening: Happening, day: str, instant: str, **more: Any) -> Row:
            return self._fact(tenant, session.session_id, happening, day, instant, **more)

        for turn in memory.turns:
            yield "fct_session_messages", fact(turn, "message_date", "sent_at", **_said(turn))
        for written in memory.agent_turns:
            yield "fct_session_messages", fact(written, "message_date", "sent_at", **_written(written))
        for query in memory.queries:
            yield "fct_queries", fact(query, "query_date", "queried_at", **_looked_up(query))
        for call in memory.calls:
            yield "fct_api_calls", fact(call, "call_date", "called_at", **_called(call))
        for escalation in memory.escalations:
            yield "fct_escalations", fact(escalation, "escalation_date", "escalated_at", **_asked(escalation))
        judgements: list[Rating | Feedback] = [*memory.ratings, *memory.feedbacks]
        for judgement in judgements:
            yield "fct_ratings", fact(judgement, "judgement_date", "judged_at", **_judged(judgement))
        for use in memory.token_uses:
            yield "fct_token_usage", fact(use, "usage_date", "used_at", **self._used(tenant, use, memory.at(use)))

    def _fact(
        self, tenant: Tenant, session_id: str | None, happening: Happening, day: str, instant: str, **more: Any
    ) -> Row:
        at = self._view.at(happening.trace)
        return {
            "event_id": happening.trace.event_id,
            "tenant_id": tenant.tenant_id,
            "session_id": session_id,
            day: tenant.local_date(at),
            instant: at,
            **more,
        }

    def _used(self, tenant: Tenant, use: TokenUse, at: float) -> Row:
        day = tenant.local_date(at)
        price = self._money.price(tenant, use, day)
        return {
            "workflow_id": use.workflow_id,
            "model": use.model,
            "provider": use.provider,
            "currency": tenant.currency,
            "is_unpriced": price is None,
            "prompt_tokens": use.prompt_tokens,
            "cached_tokens": cached_tokens(use),
            "completion_tokens": use.completion_tokens,
            "prompt_per_1k_amount": price.prompt if price else None,
            "cached_per_1k_amount": price.cached if price else None,
            "completion_per_1k_amount": price.completion if price else None,
            "token_cost_amount": self._money.token_cost(tenant, use, day),
        }


def _said(turn: Turn) -> Row:
    return {
        "agent_id": None,
        "sender": "ai" if turn.role == "ai" else "customer",
        "is_fallback": turn.is_fallback,
        "message_length": turn.length,
        "response_time_ms": turn.response_time_ms,
    }


def _written(turn: AgentTurn) -> Row:
    return {
        "agent_id": turn.agent_id,
        "sender": "agent",
        "is_fallback": False,
        "message_length": turn.length,
        "response_time_ms": None,
    }


def _asked(escalation: Escalation) -> Row:
    return {
        "escalation_reason": escalation.reason,
        "escalation_severity": escalation.severity,
        "escalation_keyword": escalation.keyword,
        "is_accepted": escalation.is_accepted,
    }


def _judged(judgement: Rating | Feedback) -> Row:
    rating = judgement if isinstance(judgement, Rating) else None
    feedback = judgement if isinstance(judgement, Feedback) else None
    return {
        "judgement": "rating" if rating else "feedback",
        "rated": rating.rated if rating else None,
        "is_helpful": feedback.is_helpful if feedback else None,
        "score": rating.score if rating else None,
        "comment_length": rating.comment_length if rating else None,
    }


def _looked_up(query: Query) -> Row:
    return {
        "query_type": query.subject,
        "number": query.number,
        "site": query.site,
        "carrier": query.carrier,
        "tracking_status": query.status,
        "error_type": query.error_type,
        "is_successful": query.is_successful,
        "response_time_ms": query.response_time_ms,
    }


def _called(call: Call) -> Row:
    return {
        "call_type": call.what,
        "call_name": call.name,
        "error_type": call.error_type,
        "is_successful": call.is_successful,
        "response_time_ms": call.response_time_ms,
    }
