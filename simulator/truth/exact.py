"""Exact numbers as the marts have them: six decimals, halves rounded away from zero."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

_MILLIONTH = Decimal("0.000001")


def six(number: Decimal) -> Decimal:
    """A number with six decimals."""
    return number.quantize(_MILLIONTH, rounding=ROUND_HALF_UP)


def ratio(numerator: Decimal | int | None, denominator: Decimal | int | None) -> Decimal | None:
    """A quotient with six decimals; None where either is unknown or the denominator is zero."""
    if numerator is None or not denominator:
        return None
    return six(Decimal(numerator) / denominator)


def seconds_between(start: float, end: float) -> Decimal:
    """Seconds from one instant to another, exact to the microsecond; negative where the first is later."""
    return Decimal(round(end * 1e6) - round(start * 1e6)).scaleb(-6)


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which a share lies, interpolated between the two neighbours."""
    ranked = sorted(values)
    position = share * (len(ranked) - 1)
    below = int(position)
    above = min(below + 1, len(ranked) - 1)
    return ranked[below] + (position - below) * (ranked[above] - ranked[below])


def seconds_of(microseconds: int) -> Decimal:
    """Seconds of a number of microseconds, exact."""
    return Decimal(microseconds).scaleb(-6)
