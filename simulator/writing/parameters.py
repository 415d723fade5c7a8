"""The parameter seeds of a simulated world: what its tenants pay, in the columns that the warehouse expects."""

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

from ..truth.table import write_table
from ..world.prices import MODEL_PRICES, SCENARIOS
from ..world.tenant import Period, Tenant


def write_parameters(folder: Path, tenants: Sequence[Tenant]) -> None:
    """Write the parameter seeds of some tenants; the warehouse takes them by ``WAREHOUSE_PARAMETERS=<folder>``."""
    write_table(
        folder / "tenants.csv",
        (
            {"tenant_id": tenant.tenant_id, "timezone": tenant.timezone, "currency": tenant.currency}
            for tenant in tenants
        ),
    )
    _write_periods(folder / "human_costs.csv", "cost_per_contact", [(each, each.human_costs) for each in tenants])
    _write_periods(folder / "platform_fees.csv", "fee_per_month", [(each, each.platform_fees) for each in tenants])
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


def _write_periods(path: Path, column: str, periods: Sequence[tuple[Tenant, Sequence[Period]]]) -> None:
    write_table(
        path,
        (
            {
                "tenant_id": tenant.tenant_id,
                "currency": tenant.currency,
                "valid_from": period.valid_from,
                "valid_to": _end(period.valid_from, (other.valid_from for other in its_periods)),
                column: period.amount,
            }
            for tenant, its_periods in periods
            for period in its_periods
        ),
    )


def _end(begin: date, begins: Iterable[date]) -> date | None:
    """When the next period begins."""
    return min((other for other in begins if other > begin), default=None)
