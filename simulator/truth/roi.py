"""What the AI brings and costs in a month, by scenario."""

from collections.abc import Iterator
from decimal import ROUND_CEILING, Decimal
from typing import Any

from ..world.prices import SCENARIOS
from .exact import ratio, six
from .table import Row

_ZERO = Decimal(0)


def roi_rows(sessions: Row | None, tokens: Row | None, platform_fee: Decimal | None) -> Iterator[dict[str, Any]]:
    """One row per scenario. sessions, tokens: the month's rows, None where there were none; fee: None if there is none.

    The house figure takes no scenario factor: it is the one that was always reported.
    """
    for scenario, factor in SCENARIOS.items():
        resolved = sessions["confirmed_resolved_count"] + sessions["assumed_resolved_count"] if sessions else 0
        costed = sessions["costed_resolved_count"] if sessions else 0
        avoided = six(sessions["standard_cost_saving_amount"] * Decimal(factor)) if sessions else _ZERO
        token_cost = tokens["token_cost_amount"] if tokens else _ZERO
        fee = platform_fee or _ZERO
        api_cost = tokens["api_cost_amount"] if tokens else _ZERO
        cost = token_cost + api_cost + fee
        yield {
            "scenario": scenario,
            "has_platform_fee": platform_fee is not None,
            "sessions_count": sessions["sessions_count"] if sessions else 0,
            "house_resolved_count": sessions["ai_resolved_sessions_count"] if sessions else 0,
            "standard_resolved_count": resolved,
            "costed_resolved_count": costed,
            "durable_resolved_count": sessions["durable_168h_count"] if sessions else 0,
            "mature_resolved_count": sessions["mature_168h_count"] if sessions else 0,
            "uncosted_sessions_count": sessions["uncosted_sessions_count"] if sessions else 0,
            "unpriced_usages_count": tokens["unpriced_usages_count"] if tokens else 0,
            "unpriced_api_calls_count": tokens["unpriced_api_calls_count"] if tokens else 0,
            "house_cost_saving_amount": sessions["cost_saving_amount"] if sessions else _ZERO,
            "human_cost_avoided_amount": avoided,
            "token_cost_amount": token_cost,
            "api_cost_amount": api_cost,
            "platform_fee_amount": fee,
            "ai_cost_amount": cost,
            "net_saving_amount": avoided - cost,
            # What the AI costs is not known without its fee.
            "roi_ratio": None if platform_fee is None else ratio(avoided - cost, cost),
            "cost_per_ai_resolution_amount": ratio(cost, resolved),
            "cost_per_human_contact_amount": ratio(avoided, costed),
            "break_even_resolved_count": (
                None if platform_fee is None else _break_even(fee, avoided - token_cost - api_cost, resolved)
            ),
        }


def _break_even(fee: Decimal, gain: Decimal, resolved: int) -> int | None:
    """Resolutions that pay the fee, each bringing its share of the gain; None where tokens cost what they save."""
    if gain <= 0:
        return None
    return int((fee * resolved / gain).to_integral_value(ROUND_CEILING))
