"""What things cost: the tenants' parameters, looked up by the local day on which they hold."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from ..world.happenings import TokenUse
from ..world.prices import API_PRICES, MODEL_PRICES, ModelPrice
from ..world.settings import Settings
from ..world.tenant import Period, Plan, Tenant
from .exact import six

#: Stands in for tenants without parameters of their own, in the same currency only: nothing is converted.
_STAND_IN = "default"


class Money:
    """Amounts in the tenants' currencies; None where nothing is in force."""

    def __init__(self, settings: Settings) -> None:
        self._stand_in = next((tenant for tenant in settings.tenants if tenant.tenant_id == _STAND_IN), None)

    def human_cost(self, tenant: Tenant, day: date) -> Decimal | None:
        """What a contact with a human costs on a local day."""
        stand_in = self._stand_in_of(tenant)
        return _in_force(tenant.human_costs or (stand_in.human_costs if stand_in else ()), day)

    def platform_fee(self, tenant: Tenant, month: date) -> Decimal | None:
        """The fixed fee of a month, in force on its first day."""
        stand_in = self._stand_in_of(tenant)
        return _in_force(tenant.platform_fees or (stand_in.platform_fees if stand_in else ()), month)

    def token_cost(self, tenant: Tenant, use: TokenUse, day: date) -> Decimal | None:
        """The cost of one use at the prices of the local day, six decimals."""
        price = self.price(tenant, use, day)
        if price is None:
            return None
        cached = cached_tokens(use)
        thousandfold = (
            (use.prompt_tokens - cached) * Decimal(price.prompt)
            + cached * Decimal(price.cached)
            + use.completion_tokens * Decimal(price.completion)
        )
        return six(thousandfold / 1000)

    def price(self, tenant: Tenant, use: TokenUse, day: date) -> ModelPrice | None:
        """The price of the model of a use that is in force on a local day."""
        in_force = None
        for other in MODEL_PRICES:
            if (other.model, other.currency) == (use.model, tenant.currency) and other.valid_from <= day:
                in_force = other
        return in_force

    def handling_cost(self, tenant: Tenant, seconds: Decimal | None, day: date) -> Decimal | None:
        """What a session with humans costs: their time where hours are paid and it is known, else a contact.

        seconds: None where no hold has ended.
        """
        hourly = self.hourly_cost(tenant, day)
        if hourly is None or seconds is None:
            return self.human_cost(tenant, day)
        return six(seconds * hourly / 3600)

    def hourly_cost(self, tenant: Tenant, day: date) -> Decimal | None:
        """What an hour of an agent costs on a local day; None where contacts are paid."""
        payer = tenant if tenant.human_costs else self._stand_in_of(tenant)
        if payer is None or payer.hourly_cost is None or self.human_cost(tenant, day) is None:
            return None
        return Decimal(payer.hourly_cost)

    def api_cost(self, tenant: Tenant, workflow_id: str, day: date) -> Decimal | None:
        """The price of one call of a workflow on a local day."""
        cost = None
        for price in API_PRICES:
            if (price.workflow_id, price.currency) == (workflow_id, tenant.currency) and price.valid_from <= day:
                cost = Decimal(price.per_call)
        return cost

    def plan(self, tenant: Tenant, day: date) -> Plan | None:
        """The plan of a local day; that of the stand-in holds in any currency."""
        plans = tenant.plans or (self._stand_in.plans if self._stand_in else ())
        begun = [plan for plan in plans if plan.valid_from <= day]
        return begun[-1] if begun else None

    def _stand_in_of(self, tenant: Tenant) -> Tenant | None:
        stand_in = self._stand_in
        return stand_in if stand_in is not None and stand_in.currency == tenant.currency else None


def cached_tokens(use: TokenUse) -> int:
    """The cached part of the prompt: more cached tokens than prompt tokens count as the whole prompt."""
    return min(use.cached_tokens or 0, use.prompt_tokens)


def _in_force(periods: Sequence[Period], day: date) -> Decimal | None:
    """The amount of the last period that has begun."""
    amounts = [Decimal(period.amount) for period in periods if period.valid_from <= day]
    return amounts[-1] if amounts else None
