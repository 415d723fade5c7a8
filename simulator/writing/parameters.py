"""The parameter seeds of a simulated world: what its tenants pay and promise, in the warehouse's columns."""

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

from ..truth.table import Row, write_table
from ..world.prices import API_PRICES, MODEL_PRICES, SCENARIOS
from ..world.tenant import Period, Tenant
from .promises import write_promises
from .scores import write_scores


def write_parameters(folder: Path, tenants: Sequence[Tenant]) -> None:
    """Write the parameter seeds of some tenants; the warehouse takes them by ``WAREHOUSE_PARAMETERS=<folder>``."""
    write_table(
        folder / "tenants.csv",
        (
            {"tenant_id": tenant.tenant_id, "timezone": tenant.timezone, "currency": tenant.currency}
            for tenant in tenants
        ),
    )
    write_promises(folder, tenants)
    write_scores(folder)
    write_table(
        folder / "human_costs.csv",
        (
            {**row, "cost_per_hour": tenant.hourly_cost}
            for tenant in tenants
            for row in _periods("cost_per_contact", [(tenant, tenant.human_costs)])
        ),
    )
    fees = _periods("fee_per_month", [(each, each.platform_fees) for each in tenants])
    write_table(folder / "platform_fees.csv", fees)
    _write_plans(folder / "tenant_plans.csv", tenants)
    _write_api_prices(folder / "api_prices.csv")
    write_table(
        folder / "model_prices.csv",
        (
            {
                "model": price.model,
                "currency": price.currency,
                "valid_from": price.valid_from,
                "valid_to": _end(
                    price.valid_from,
                    (
                        other.valid_from
                        for other in MODEL_PRICES
                        if (other.model, other.currency) == (price.model, price.currency)
                    ),
                ),
                "prompt_per_1k": price.prompt,
                "cached_per_1k": price.cached,
                "completion_per_1k": price.completion,
            }
            for price in MODEL_PRICES
        ),
    )
    write_table(
        folder / "roi_scenarios.csv",
        ({"scenario": name, "human_cost_factor": factor} for name, factor in SCENARIOS.items()),
    )


def _write_plans(path: Path, tenants: Iterable[Tenant]) -> None:
    write_table(
        path,
        (
            {
                "tenant_id": tenant.tenant_id,
                "plan": plan.name,
                "valid_from": plan.valid_from,
                "valid_to": _end(plan.valid_from, (other.valid_from for other in tenant.plans)),
                "tokens_per_month": plan.tokens_per_month,
            }
            for tenant in tenants
            for plan in tenant.plans
        ),
    )


def _write_api_prices(path: Path) -> None:
    write_table(
        path,
        (
            {
                "workflow_id": price.workflow_id,
                "currency": price.currency,
                "valid_from": price.valid_from,
                "valid_to": _end(
                    price.valid_from,
                    (
                        other.valid_from
                        for other in API_PRICES
                        if (other.workflow_id, other.currency) == (price.workflow_id, price.currency)
                    ),
                ),
                "price_per_call": price.per_call,
            }
            for price in API_PRICES
        ),
    )


def _periods(column: str, periods: Sequence[tuple[Tenant, Sequence[Period]]]) -> list[Row]:
    return [
        {
            "tenant_id": tenant.tenant_id,
            "currency": tenant.currency,
            "valid_from": period.valid_from,
            "valid_to": _end(period.valid_from, (other.valid_from for other in its_periods)),
            column: period.amount,
        }
        for tenant, its_periods in periods
        for period in its_periods
    ]


def _end(begin: date, begins: Iterable[date]) -> date | None:
    """When the next period begins."""
    return min((other for other in begins if other > begin), default=None)
