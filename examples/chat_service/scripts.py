"""Scripted answers instead of a model: what the bot recognises, and what it says."""

import re
from dataclasses import dataclass

_ORDER = re.compile(r"\bSO\d{6,12}\b")
_PARCEL = re.compile(r"\bTN\d{6,14}\b")
_ORDERS = {"SO000000001": "packed", "SO000000002": "shipped"}
_PARCELS = {"TN000000000001": "in_transit", "TN000000000002": "delivered"}
_ANSWERS = {
    "refund": ("return_refund", "You can return anything within 30 days; the refund takes 5 working days."),
    "deliver": ("delivery", "We deliver within 3 to 5 working days."),
    "pay": ("payment", "We take cards, Alipay and WeChat Pay."),
    "hello": ("small_talk", "Hello! How can I help?"),
}


@dataclass(frozen=True)
class Lookup:
    """A number that the bot looked up; ``status`` is None where it was not found."""

    kind: str
    number: str
    status: str | None


@dataclass(frozen=True)
class Answer:
    """What the bot says; without an ``intent`` it did not understand."""

    text: str
    intent: str | None = None
    lookup: Lookup | None = None


def answer(question: str) -> Answer:
    """The scripted answer to a customer's message."""
    if found := _ORDER.search(question):
        return _looked_up(Lookup("order", found[0], _ORDERS.get(found[0])), "order_status")
    if found := _PARCEL.search(question):
        return _looked_up(Lookup("parcel", found[0], _PARCELS.get(found[0])), "tracking")
    for word, (intent, text) in _ANSWERS.items():
        if word in question.lower():
            return Answer(text, intent)
    return Answer("Sorry, I did not understand that.")


def _looked_up(lookup: Lookup, intent: str) -> Answer:
    if lookup.status is None:
        return Answer(f"I cannot find {lookup.kind} {lookup.number}.", intent, lookup)
    return Answer(f"Your {lookup.kind} {lookup.number} is {lookup.status.replace('_', ' ')}.", intent, lookup)
