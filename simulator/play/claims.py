"""What a product says about a figure: mostly the truth, now and then not."""

from ..world.chance import Chance

_WRONG_SHARE = 0.03


def claimed(truth: float, chance: Chance, digits: int = 0) -> float:
    """A measured figure as it is reported, rounded; a few per cent are far off."""
    factor = chance.choice((0.5, 1.5, 2.0)) if chance.happens(_WRONG_SHARE) else 1.0
    return round(truth * factor, digits)


def claimed_count(truth: int, chance: Chance) -> int:
    """A count as it is reported; a few per cent miss or add one."""
    return max(0, truth + chance.choice((-1, 1))) if chance.happens(_WRONG_SHARE) else truth
