"""Queries and token uses counted, by the day or month in which they happened."""

from collections import Counter
from decimal import Decimal
from typing import Any

from ..world.happenings import Query, TokenUse
from .exact import ratio
from .money import cached_tokens


class QueryTally:
    """The order and tracking queries of a day or a month, test sessions excluded."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def take(self, query: Query) -> None:
        """Count a query."""
        self._counts[query.subject] += 1
        if query.is_successful:
            self._counts[f"successful {query.subject}"] += 1

    def add(self, other: "QueryTally") -> None:
        """Add up, e.g. days to a month."""
        self._counts.update(other._counts)

    def figures(self) -> dict[str, Any]:
        """The counts, and the rates beside them."""
        counts = self._counts
        return {
            "order_queries_count": counts["order"],
            "successful_order_queries_count": counts["successful order"],
            "tracking_queries_count": counts["tracking"],
            "successful_tracking_queries_count": counts["successful tracking"],
            "order_query_success_rate": ratio(counts["successful order"], counts["order"]),
            "tracking_query_success_rate": ratio(counts["successful tracking"], counts["tracking"]),
        }


class TokenTally:
    """The tokens and workflow calls of a day or a month, test sessions included: they cost money too."""

    def __init__(self) -> None:
        self._prompt = self._cached = self._completion = 0
        self._cost = Decimal(0)
        self._uses = self._unpriced = 0
        self._calls = self._unpriced_calls = 0
        self._call_cost = Decimal(0)

    def take(self, use: TokenUse, cost: Decimal | None) -> None:
        """Count a use; cost: None where it has no price."""
        self._uses += 1
        self._prompt += use.prompt_tokens
        self._cached += cached_tokens(use)
        self._completion += use.completion_tokens
        if cost is None:
            self._unpriced += 1
        else:
            self._cost += cost

    def take_call(self, cost: Decimal | None) -> None:
        """Count a call of a workflow; cost: None where it has no price."""
        self._calls += 1
        if cost is None:
            self._unpriced_calls += 1
        else:
            self._call_cost += cost

    def add(self, other: "TokenTally") -> None:
        """Add up, e.g. days to a month."""
        self._calls += other._calls
        self._unpriced_calls += other._unpriced_calls
        self._call_cost += other._call_cost
        self._prompt += other._prompt
        self._cached += other._cached
        self._completion += other._completion
        self._cost += other._cost
        self._uses += other._uses
        self._unpriced += other._unpriced

    def figures(self) -> dict[str, Any]:
        """The sums."""
        return {
            "prompt_tokens": self._prompt,
            "cached_tokens": self._cached,
            "completion_tokens": self._completion,
            "token_cost_amount": self._cost,
            "usages_count": self._uses,
            "unpriced_usages_count": self._unpriced,
            "api_calls_count": self._calls,
            "api_cost_amount": self._call_cost,
            "unpriced_api_calls_count": self._unpriced_calls,
        }
