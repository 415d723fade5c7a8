"""Customers: who they are, and who comes back."""

from dataclasses import dataclass
from functools import cache

from .chance import Chance, Choice, scattered

_LOCALES = {
    "cn": Choice({"zh-CN": 1.0}),
    "hk": Choice({"zh-HK": 0.8, "en-HK": 0.2}),
    "sg": Choice({"en-SG": 0.75, "zh-SG": 0.25}),
    "de": Choice({"de-DE": 0.9, "en-DE": 0.1}),
    "at": Choice({"de-AT": 1.0}),
    "us": Choice({"en-US": 0.85, "es-US": 0.15}),
    "au": Choice({"en-AU": 1.0}),
}
_CHANNELS = {
    "cn": Choice({"web": 0.25, "app": 0.35, "wechat": 0.4}),
    "hk": Choice({"web": 0.45, "app": 0.4, "wechat": 0.15}),
}
_OTHER_CHANNELS = Choice({"web": 0.55, "app": 0.45})
#: A visitor is one of those who came before with this probability, once some have come.
_KNOWN_SHARE = 0.35


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer; ``is_anonymous`` ones are not logged in, so the log does not name them."""

    customer_id: str
    site: str = "cn"
    locale: str | None = None
    usual_channel: str = "web"
    is_anonymous: bool = False


class Customers:
    """Everyone who has ever visited."""

    def __init__(self, sites: dict[str, float], chance: Chance, seed: int) -> None:
        self._sites = Choice(sites)
        self._chance = chance
        self._seed = seed
        self._known: list[Customer] = []
        self._count = 0

    def visitor(self) -> Customer:
        """Who comes in next: somebody known, or somebody new."""
        if self._known and self._chance.happens(_KNOWN_SHARE):
            return self._known[int(self._chance.random() * len(self._known))]
        customer = self._newcomer()
        if not customer.is_anonymous:
            self._known.append(customer)
        return customer

    def channel(self, customer: Customer) -> str:
        """The channel of a visit: mostly the usual one."""
        if self._chance.happens(0.85):
            return customer.usual_channel
        return self._chance.pick(_channels(customer.site))

    def _newcomer(self) -> Customer:
        chance = self._chance
        site = chance.pick(self._sites)
        self._count += 1
        return Customer(
            customer_id=f"c-{scattered(self._count, self._seed):012x}",
            site=site,
            locale=chance.pick(_LOCALES[site]),
            usual_channel=chance.pick(_channels(site)),
            is_anonymous=chance.happens(0.2),
        )


@cache
def _channels(site: str) -> Choice[str]:
    return _CHANNELS.get(site, _OTHER_CHANNELS)
