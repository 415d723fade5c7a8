"""Customers: who they are, and who comes back."""

from dataclasses import dataclass

from .chance import Chance

_SITES = {"cn": 0.6, "hk": 0.22, "sg": 0.18}
_LOCALES = {"cn": {"zh-CN": 1.0}, "hk": {"zh-HK": 0.8, "en-HK": 0.2}, "sg": {"en-SG": 0.75, "zh-SG": 0.25}}
_CHANNELS = {
    "cn": {"web": 0.25, "app": 0.35, "wechat": 0.4},
    "hk": {"web": 0.45, "app": 0.4, "wechat": 0.15},
    "sg": {"web": 0.55, "app": 0.45},
}
#: A visitor is one of those who came before with this probability, once some have come.
_KNOWN_SHARE = 0.35


@dataclass(frozen=True)
class Customer:
    """A customer; ``is_anonymous`` ones are not logged in, so the log does not name them."""

    customer_id: str
    site: str
    locale: str
    usual_channel: str
    is_anonymous: bool


class Customers:
    """Everyone who has ever visited."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance
        self._known: list[Customer] = []

    def visitor(self) -> Customer:
        """Who comes in next: somebody known, or somebody new."""
        if self._known and self._chance.happens(_KNOWN_SHARE):
            return self._chance.choice(self._known)
        customer = self._newcomer()
        if not customer.is_anonymous:
            self._known.append(customer)
        return customer

    def channel(self, customer: Customer) -> str:
        """The channel of a visit: mostly the usual one."""
        if self._chance.happens(0.85):
            return customer.usual_channel
        return self._chance.pick(_CHANNELS[customer.site])

    def _newcomer(self) -> Customer:
        chance = self._chance
        site = chance.pick(_SITES)
        return Customer(
            customer_id=f"c-{chance.getrandbits(40):010x}",
            site=site,
            locale=chance.pick(_LOCALES[site]),
            usual_channel=chance.pick(_CHANNELS[site]),
            is_anonymous=chance.happens(0.2),
        )
