"""The truth of one session: its row of ``fct_sessions``."""

from decimal import Decimal
from typing import Any

from ..world.session import Session
from ..world.tenant import Tenant
from .exact import percentile, ratio, seconds_between
from .handlings import handlings
from .money import Money, cached_tokens
from .outcome import RESOLVED, RULE_VERSION, outcome_of
from .session_memory import TIMEOUT, SessionMemory


def session_row(tenant: Tenant, session: Session, memory: SessionMemory, money: Money) -> dict[str, Any]:
    """The row of a session that the chatbot knows of, with ``customer_id`` where the mart has its hash."""
    at = memory.at
    outcome = outcome_of(memory)
    started_at = at(memory.first_said)
    ended_at, has_clock_skew = _end(memory, started_at)
    first_ended_at = _first_end(memory, started_at)
    session_date = tenant.local_date(started_at)
    opened = session if memory.openings else None
    customer = opened.customer if opened else None
    first_escalation = memory.escalations[0] if memory.escalations else None
    ending = memory.endings[-1] if memory.endings else None
    return {
        "tenant_id": tenant.tenant_id,
        "session_id": session.session_id,
        "outcome_evidence_event_id": outcome.evidence.trace.event_id,
        "session_date": session_date,
        "started_at": started_at,
        "ended_at": ended_at,
        "first_ended_at": first_ended_at,
        "reopened_at": _reopened_at(memory, first_ended_at),
        "ai_resolved_at": _resolved_at(memory, outcome.outcome, started_at, first_ended_at),
        "last_event_at": memory.last_event_at,
        "first_escalated_at": at(first_escalation) if first_escalation else None,
        "first_takeover_at": at(memory.takeovers[0]) if memory.takeovers else None,
        "outcome": outcome.outcome,
        "outcome_reason": outcome.reason,
        "outcome_rule_version": RULE_VERSION,
        "channel": opened.channel if opened else None,
        "site": customer.site if customer else None,
        "locale": customer.locale if customer else None,
        "customer_id": customer.customer_id if customer and not customer.is_anonymous else None,
        "intent": memory.intents[-1].intent if memory.intents else None,
        "escalation_reason": first_escalation.reason if first_escalation else None,
        "escalation_severity": first_escalation.severity if first_escalation else None,
        "escalation_keyword": first_escalation.keyword if first_escalation else None,
        "end_source": None if ended_at is None else "event" if memory.endings else "inactivity",
        "end_reason": ending.end_reason if ending else None,
        "currency": tenant.currency,
        "is_test": memory.is_test,
        "is_open": memory.is_open,
        "has_start_event": bool(memory.openings),
        "has_end_event": bool(memory.endings),
        "has_clock_skew": has_clock_skew,
        "is_escalated": bool(memory.escalations),
        "is_taken_over": bool(memory.takeovers),
        "has_human_touch": bool(memory.agent_steps),
        "has_successful_tool": _has_successful_tool(memory),
        "duration_seconds": None if ended_at is None else seconds_between(started_at, ended_at),
        "wait_seconds": _wait_seconds(memory),
        "user_turns_count": len(memory.user_turns),
        "ai_turns_count": len(memory.ai_turns),
        "fallback_turns_count": len(memory.ai_turns) - len(memory.answers),
        "substantive_answers_count": len(memory.answers),
        "agent_messages_count": len(memory.agent_turns),
        "failures_count": len(memory.failures),
        **_response_times(memory),
        "is_last_feedback_helpful": memory.feedbacks[-1].is_helpful if memory.feedbacks else None,
        "last_rating_score": memory.ratings[-1].score if memory.ratings else None,
        **(tokens := _tokens(tenant, memory, money)),
        **(calls := _api_calls(tenant, memory, money)),
        "human_cost_per_contact_amount": money.human_cost(tenant, session_date),
        "human_cost_per_hour_amount": money.hourly_cost(tenant, session_date),
        "handle_seconds_total": (handled := _handle_seconds(session, memory)),
        "human_cost_amount": (
            humans := money.handling_cost(tenant, handled, session_date) if memory.agent_steps else Decimal(0)
        ),
        "cost_amount": _cost(tokens, calls, humans),
        "reported_duration_seconds": float(ending.claimed_duration_seconds) if ending else None,
        "reported_message_count": ending.claimed_message_count if ending else None,
        "reported_resolved_by": ending.claimed_resolved_by if ending else None,
    }


def _end(memory: SessionMemory, started_at: float) -> tuple[float | None, bool]:
    """When a session ended, and whether its end lies before its start: then it ends when it starts."""
    if memory.endings:
        ended_at = memory.at(memory.endings[-1])
        return max(ended_at, started_at), ended_at < started_at
    return (None if memory.is_open else memory.last_event_at), False


def _first_end(memory: SessionMemory, started_at: float) -> float | None:
    """When a session was first over: at its first end, or at the last that was seen before a silence of the timeout.

    What other clocks date before the start is no part of it: nothing is over before it starts.
    """
    instants = [memory.at(happening) for happening in memory.all if memory.at(happening) >= started_at]
    following = [*instants[1:], memory.view.as_of]
    over = [at for at, next_at in zip(instants, following, strict=True) if next_at - at >= TIMEOUT]
    over += [memory.at(ending) for ending in memory.endings]
    return max(min(over), started_at) if over else None


def _reopened_at(memory: SessionMemory, first_ended_at: float | None) -> float | None:
    """When the customer first wrote after the first end."""
    if first_ended_at is None:
        return None
    return next((memory.at(turn) for turn in memory.user_turns if memory.at(turn) > first_ended_at), None)


def _resolved_at(memory: SessionMemory, outcome: str, started_at: float, first_ended_at: float | None) -> float | None:
    """When the AI resolved it: with its last answer before the first end; with that end where all came later."""
    if outcome not in RESOLVED or first_ended_at is None:
        return None
    answers = [memory.at(answer) for answer in memory.answers if memory.at(answer) <= first_ended_at]
    return max(answers[-1], started_at) if answers else first_ended_at


def _wait_seconds(memory: SessionMemory) -> Decimal | None:
    if not memory.escalations or not memory.takeovers:
        return None
    wait = seconds_between(memory.at(memory.escalations[0]), memory.at(memory.takeovers[0]))
    return wait if wait >= 0 else None


def _has_successful_tool(memory: SessionMemory) -> bool:
    """Whether a query or a tool call succeeded; a workflow is neither."""
    has_query = any(query.is_successful for query in memory.queries)
    return has_query or any(call.is_successful for call in memory.calls if call.what == "tool")


def _response_times(memory: SessionMemory) -> dict[str, Any]:
    times = [turn.response_time_ms for turn in memory.ai_turns if turn.response_time_ms is not None]
    total = sum(times) if times else None
    return {
        "timed_ai_turns_count": len(times),
        "ai_response_time_ms_total": total,
        "avg_ai_response_time_ms": ratio(total, len(times)),
        "first_ai_response_time_ms": times[0] if times else None,
        "p95_ai_response_time_ms": percentile(times, 0.95) if times else None,
    }


def _handle_seconds(session: Session, memory: SessionMemory) -> Decimal | None:
    """How long agents held it, all holds that have ended; of a test session nobody asks."""
    if memory.is_test:
        return None
    times = [handling.handle_seconds for handling in handlings(session, memory.view, is_test=memory.is_test)]
    known = [seconds for seconds in times if seconds is not None]
    return sum(known, Decimal(0)) if known else None


def _api_calls(tenant: Tenant, memory: SessionMemory, money: Money) -> dict[str, Any]:
    """Calls of workflows and their cost: zero without calls, unknown where none has a price."""
    calls = [call for call in memory.calls if call.what == "workflow"]
    costs = [money.api_cost(tenant, call.name, tenant.local_date(memory.at(call))) for call in calls]
    known = [cost for cost in costs if cost is not None]
    return {
        "api_calls_count": len(calls),
        "api_cost_amount": sum(known, Decimal(0)) if known or not calls else None,
        "unpriced_api_calls_count": len(calls) - len(known),
    }


def _cost(tokens: dict[str, Any], calls: dict[str, Any], humans: Decimal | None) -> Decimal | None:
    """What a session cost; unknown where anything in it has no price."""
    if humans is None or tokens["unpriced_usages_count"] or calls["unpriced_api_calls_count"]:
        return None
    cost: Decimal = tokens["token_cost_amount"] + calls["api_cost_amount"] + humans
    return cost


def _tokens(tenant: Tenant, memory: SessionMemory, money: Money) -> dict[str, Any]:
    """Tokens and their cost: zero without use, unknown where no use has a price."""
    uses = memory.token_uses
    costs = [money.token_cost(tenant, use, tenant.local_date(memory.at(use))) for use in uses]
    known = [cost for cost in costs if cost is not None]
    return {
        "prompt_tokens": sum(use.prompt_tokens for use in uses),
        "cached_tokens": sum(cached_tokens(use) for use in uses),
        "completion_tokens": sum(use.completion_tokens for use in uses),
        "token_cost_amount": sum(known, Decimal(0)) if known or not uses else None,
        "unpriced_usages_count": len(uses) - len(known),
    }
