"""The book of usage: tokens of models and calls of workflows by day, and how far the plans reach."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal
from pathlib import Path
from typing import Any

from ..world.tenant import Tenant
from .exact import ratio
from .money import Money
from .session_memory import SessionMemory
from .table import Row, write_table
from .usage_tally import TokenTally

#: A tenant and a local day; a model or a workflow: which of the two, and its name.
_Day = tuple[str, date]
_Resource = tuple[str, str]


class UsageBook:
    """Counts what sessions use, tests included, and writes it when the world has ended."""

    def __init__(self, folder: Path, money: Money, tenants: Mapping[str, Tenant]) -> None:
        self._folder = folder
        self._money = money
        self._tenants = tenants
        self._used: defaultdict[tuple[_Day, _Resource], TokenTally] = defaultdict(TokenTally)

    def take(self, tenant: Tenant, memory: SessionMemory) -> None:
        """Count what a session used."""
        for use in memory.token_uses:
            day = tenant.local_date(memory.at(use))
            tally = self._used[(tenant.tenant_id, day), ("model", use.model)]
            tally.take(use, self._money.token_cost(tenant, use, day))
        for call in memory.calls:
            if call.what == "workflow":
                day = tenant.local_date(memory.at(call))
                tally = self._used[(tenant.tenant_id, day), ("workflow", call.name)]
                tally.take_call(self._money.api_cost(tenant, call.name, day))

    def days(self) -> dict[_Day, TokenTally]:
        """The usage by tenant and local day."""
        days: defaultdict[_Day, TokenTally] = defaultdict(TokenTally)
        for (day, _), tally in self._used.items():
            days[day].add(tally)
        return days

    def close(self, is_final: Callable[[str, date], bool]) -> None:
        """Write the tables. is_final: of a tenant's local day."""
        days = {day: tally.figures() for day, tally in self.days().items()}
        for name, rows in (
            ("by_resource_daily", (self._resource(*key, self._used[key].figures()) for key in sorted(self._used))),
            ("daily", (self._day(*day, days) for day in sorted(days))),
        ):
            marked = (row | {"is_final": is_final(row["tenant_id"], row["usage_date"])} for row in rows)
            write_table(self._folder / f"billing_usage_{name}.csv", marked)

    def _resource(self, day: _Day, resource: _Resource, figures: Row) -> dict[str, Any]:
        kind, name = resource
        uses, cost = ("usages", "token_cost") if kind == "model" else ("api_calls", "api_cost")
        return {
            "tenant_id": day[0],
            "usage_date": day[1],
            "resource_type": kind,
            "resource_name": name,
            "currency": self._tenants[day[0]].currency,
            "calls_count": figures[f"{uses}_count"],
            **{name: figures[name] for name in ("prompt_tokens", "cached_tokens", "completion_tokens")},
            "cost_amount": figures[f"{cost}_amount"],
            "unpriced_calls_count": figures[f"unpriced_{uses}_count"],
        }

    def _day(self, tenant_id: str, day: date, days: Mapping[_Day, Row]) -> dict[str, Any]:
        tenant = self._tenants[tenant_id]
        of_month = [days.get((tenant_id, day.replace(day=number))) for number in range(1, day.day + 1)]
        tokens = sum(row["prompt_tokens"] + row["completion_tokens"] for row in of_month if row)
        plan = self._money.plan(tenant, day)
        quota = plan.tokens_per_month if plan else None
        left = None if quota is None else max(quota - tokens, 0)
        return {
            "tenant_id": tenant_id,
            "usage_date": day,
            "currency": tenant.currency,
            **days[tenant_id, day],
            "month_to_date_tokens": tokens,
            "days_elapsed": day.day,
            "plan": plan.name if plan else None,
            "tokens_per_month": quota,
            "tokens_left": left,
            "used_share": None if quota is None else ratio(tokens, quota),
            "days_left": None if left is None else ratio(left * day.day, tokens),
            "run_out_date": self._used_up(tenant, day, days) if left == 0 else _run_out(day, left, tokens),
        }

    def _used_up(self, tenant: Tenant, day: date, days: Mapping[_Day, Row]) -> date:
        """The first day of use in the month after which nothing was left of the quota of a day."""
        plan = self._money.plan(tenant, day)
        tokens = 0
        for number in range(1, day.day):
            earlier = day.replace(day=number)
            row = days.get((tenant.tenant_id, earlier))
            if row is None:
                continue
            tokens += row["prompt_tokens"] + row["completion_tokens"]
            other = self._money.plan(tenant, earlier)
            if plan and other and (quota := other.tokens_per_month) == plan.tokens_per_month and tokens >= (quota or 0):
                return earlier
        return day


def _run_out(day: date, left: int | None, tokens: int) -> date | None:
    """When nothing is left at the pace of the month so far; None where that is not in this month."""
    if left is None or not tokens:
        return None
    days = int((Decimal(left) * day.day / tokens).to_integral_value(ROUND_CEILING))
    last = day
    for _ in range(min(days, 31)):
        last += timedelta(days=1)
    return last if days <= 31 and last.month == day.month else None
