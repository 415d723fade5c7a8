"""Sessions counted: what the daily and the monthly resolution rates are made of."""

from collections import Counter
from decimal import Decimal
from typing import Any

from .exact import ratio
from .outcome import RESOLVED
from .returns import WINDOWS
from .table import Row

OUTCOMES = (
    "invalid",
    "open",
    "escalated_to_human",
    "escalation_failed",
    "human_takeover",
    "blocked",
    "unanswered",
    "rejected",
    "confirmed_resolved",
    "abandoned",
    "assumed_resolved",
)
_NOT_VALID = frozenset({"invalid", "open"})
#: Valid outcomes in which nothing of substance was said to the customer.
_NOT_ENGAGED = frozenset({"blocked", "unanswered"})
_COUNTS = (
    "started_sessions_count",
    "running_sessions_count",
    "sessions_count",
    "escalated_sessions_count",
    "ai_resolved_sessions_count",
    *(f"{outcome}_count" for outcome in OUTCOMES),
    "resolved_count",
    "valid_count",
    "valid_escalated_count",
    "involved_count",
    "contained_count",
    "engaged_count",
    "tool_resolved_count",
    "timed_ai_turns_count",
)


_COSTS = ("token", "api", "human")
#: Hours of the durability curve, and the counts of returns.
_CURVE = (24, 48, 72, 96, 120, 144)
_WEEK = 168 * 3600
_RETURN_COUNTS = (
    "resolutions_count",
    *(f"{what}_{hours}h_count" for hours in WINDOWS for what in ("mature", "durable")),
    *(f"lasting_{hours}h_count" for hours in _CURVE),
    "identified_count",
    "repeated_count",
    "repeated_elsewhere_count",
)


class SessionTally:
    """The sessions of a day or a month, counted under the names of the columns."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.response_time_ms_total: int | None = None
        self.cost_saving = Decimal(0)
        self.standard_cost_saving = Decimal(0)
        self.costs = dict.fromkeys(_COSTS, Decimal(0))

    def take(self, session: Row) -> None:
        """Count a row of ``fct_sessions``."""
        self.counts["started_sessions_count"] += 1
        self.counts["running_sessions_count"] += session["is_open"]
        self.counts[f"{session['outcome']}_count"] += 1
        if session["outcome"] in RESOLVED:
            self.counts["resolved_count"] += 1
            self.standard_cost_saving += session["human_cost_per_contact_amount"] or 0
            self.counts["costed_resolved_count"] += session["human_cost_per_contact_amount"] is not None
        # Test sessions stand in the outcomes, as invalid, and nowhere else.
        if not session["is_test"]:
            self._take_real(session)
        if session["outcome"] not in _NOT_VALID:
            self._take_valid(session)

    def take_return(self, row: Row) -> None:
        """Count a row of ``fct_session_returns``."""
        counts = self.counts
        seconds = row["seconds_until_return"]
        if row["is_ai_resolution"]:
            counts["resolutions_count"] += 1
            for hours in WINDOWS:
                counts[f"mature_{hours}h_count"] += row[f"is_mature_{hours}h"]
                counts[f"durable_{hours}h_count"] += row[f"is_durable_{hours}h"] is True
            for hours in _CURVE if row["is_mature_168h"] else ():
                counts[f"lasting_{hours}h_count"] += seconds is None or seconds > hours * 3600
        if row["customer_id"] is not None and row["is_mature_168h"]:
            counts["identified_count"] += 1
            if row["next_session_id"] is not None and row["seconds_until_next_session"] <= _WEEK:
                counts["repeated_count"] += 1
                counts["repeated_elsewhere_count"] += row["next_session_channel"] != row["channel"]

    def add(self, other: "SessionTally") -> None:
        """Add up, e.g. days to a month."""
        self.counts.update(other.counts)
        self._add_response_times(other.response_time_ms_total)
        self.cost_saving += other.cost_saving
        self.standard_cost_saving += other.standard_cost_saving
        for kind in _COSTS:
            self.costs[kind] += other.costs[kind]

    def figures(self) -> dict[str, Any]:
        """The counts, and the rates beside them."""
        counts = {name: self.counts[name] for name in (*_COUNTS, *_RETURN_COUNTS)}
        return {
            **counts,
            "ai_response_time_ms_total": self.response_time_ms_total,
            "cost_saving_amount": self.cost_saving,
            "standard_cost_saving_amount": self.standard_cost_saving,
            "costed_resolved_count": self.counts["costed_resolved_count"],
            "uncosted_sessions_count": self.counts["uncosted_sessions_count"],
            **{f"sessions_{kind}_cost_amount": self.costs[kind] for kind in _COSTS},
            "sessions_cost_amount": (cost := sum(self.costs.values(), Decimal(0))),
            "incompletely_costed_count": self.counts["incompletely_costed_count"],
            "avg_cost_per_conversation_amount": ratio(cost, self.counts["sessions_count"]),
            **_rates(counts),
            "avg_ai_response_time_ms": ratio(self.response_time_ms_total, counts["timed_ai_turns_count"]),
        }

    def _take_real(self, session: Row) -> None:
        counts = self.counts
        counts["sessions_count"] += 1
        counts["timed_ai_turns_count"] += session["timed_ai_turns_count"]
        for kind in _COSTS:
            self.costs[kind] += session[f"{kind}_cost_amount"] or 0
        unpriced = session["unpriced_usages_count"] + session["unpriced_api_calls_count"]
        counts["incompletely_costed_count"] += unpriced > 0 or session["human_cost_amount"] is None
        self._add_response_times(session["ai_response_time_ms_total"])
        cost = session["human_cost_per_contact_amount"]
        if cost is None:
            counts["uncosted_sessions_count"] += 1
        if session["is_escalated"]:
            counts["escalated_sessions_count"] += 1
            return
        counts["ai_resolved_sessions_count"] += 1
        counts["tool_resolved_count"] += session["has_successful_tool"]
        self.cost_saving += cost or 0

    def _take_valid(self, session: Row) -> None:
        counts = self.counts
        counts["valid_count"] += 1
        counts["valid_escalated_count"] += session["is_escalated"]
        counts["contained_count"] += not session["is_escalated"] and not session["has_human_touch"]
        if session["substantive_answers_count"] > 0:
            counts["involved_count"] += 1
            counts["engaged_count"] += session["outcome"] not in _NOT_ENGAGED

    def _add_response_times(self, total: int | None) -> None:
        """Nothing timed is no time at all: the total is None until there is one."""
        if total is not None:
            self.response_time_ms_total = (self.response_time_ms_total or 0) + total


def _rates(counts: dict[str, int]) -> dict[str, Decimal | None]:
    sessions, valid, engaged = counts["sessions_count"], counts["valid_count"], counts["engaged_count"]
    resolved = counts["confirmed_resolved_count"] + counts["assumed_resolved_count"]
    identified = counts["identified_count"]
    return {
        "ai_resolution_rate": ratio(sessions - counts["escalated_sessions_count"], sessions),
        "escalation_rate": ratio(counts["escalated_sessions_count"], sessions),
        "resolution_rate_strict": ratio(counts["confirmed_resolved_count"], engaged),
        "resolution_rate_standard": ratio(resolved, engaged),
        "containment_rate": ratio(counts["contained_count"], valid),
        "tool_resolution_rate": ratio(counts["tool_resolved_count"], sessions),
        "abandonment_rate": ratio(counts["abandoned_count"], engaged),
        "involvement_rate": ratio(counts["involved_count"], valid),
        **{
            f"resolution_rate_durable_{window}": ratio(
                counts[f"durable_{window}_count"], counts[f"mature_{window}_count"]
            )
            for window in (f"{hours}h" for hours in WINDOWS)
        },
        "repeat_contact_rate": ratio(counts["repeated_count"], identified),
        "repeat_contact_elsewhere_rate": ratio(counts["repeated_elsewhere_count"], identified),
        # Involvement × standard rate, rounded once.
        "automation_rate": ratio(counts["involved_count"] * resolved, valid * engaged),
    }
