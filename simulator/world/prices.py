"""What models cost, and the scenarios of the business case; amounts are decimal text."""

from dataclasses import dataclass
from datetime import date

_ALWAYS = date(2000, 1, 1)


@dataclass(frozen=True)
class ModelPrice:
    """The price of 1,000 tokens of a model in a currency, from a local date on, until another takes its place."""

    model: str
    currency: str
    valid_from: date
    prompt: str
    cached: str
    completion: str


#: No price is given in AUD: a tenant with that currency has token use that is unpriced.
MODEL_PRICES = (
    ModelPrice("assistant-large", "CNY", _ALWAYS, "0.020000", "0.005000", "0.060000"),
    ModelPrice("assistant-small", "CNY", _ALWAYS, "0.002000", "0.000500", "0.006000"),
    ModelPrice("assistant-large", "EUR", _ALWAYS, "0.002500", "0.000600", "0.007500"),
    ModelPrice("assistant-large", "EUR", date(2026, 10, 20), "0.002100", "0.000500", "0.007000"),
    ModelPrice("assistant-small", "EUR", _ALWAYS, "0.000250", "0.000060", "0.000750"),
    ModelPrice("assistant-large", "USD", _ALWAYS, "0.002800", "0.000700", "0.008400"),
    ModelPrice("assistant-small", "USD", date(2026, 10, 10), "0.000280", "0.000070", "0.000840"),
)


@dataclass(frozen=True)
class ApiPrice:
    """The price of a call of a workflow in a currency, from a local date on, until another takes its place."""

    workflow_id: str
    currency: str
    valid_from: date
    per_call: str


#: No price is given in USD and AUD, and none in EUR for the workflow that places orders.
API_PRICES = (
    ApiPrice("after-sales-policy", "CNY", _ALWAYS, "0.010000"),
    ApiPrice("after-sales-order", "CNY", _ALWAYS, "0.020000"),
    ApiPrice("after-sales-order", "CNY", date(2026, 10, 10), "0.015000"),
    ApiPrice("after-sales-policy", "EUR", _ALWAYS, "0.001500"),
)
#: By which the human cost per contact is multiplied.
SCENARIOS = {"low": "0.8", "base": "1.0", "high": "1.2"}
