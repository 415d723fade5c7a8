"""Seeded randomness: one stream per thing, so that a change to one thing leaves the others as they were."""

from bisect import bisect
from collections.abc import Mapping
from itertools import accumulate
from math import exp
from random import Random
from typing import Generic, TypeVar

T = TypeVar("T")


class Choice(Generic[T]):
    """Things to choose from, by weight."""

    def __init__(self, weights: Mapping[T, float]) -> None:
        self.things = list(weights)
        self.bounds = list(accumulate(weights.values()))


class Chance(Random):
    """A stream of random draws. Seed it with text: the same in every process, whatever its hash seed."""

    def happens(self, probability: float) -> bool:
        """True with a probability."""
        return self.random() < probability

    def pick(self, choice: Choice[T]) -> T:
        """One thing, by weight."""
        bounds = choice.bounds
        return choice.things[bisect(bounds, self.random() * bounds[-1], 0, len(bounds) - 1)]

    def around(self, median: float, spread: float = 0.5) -> float:
        """A positive number around a median with a long upper tail, as waiting and answering times have.

        Its logarithm is nearly normal: the sum of three even draws, of unit variance when doubled, at a third of the
        cost of a normal one.
        """
        draw = self.random
        return median * exp(spread * 2.0 * (draw() + draw() + draw() - 1.5))


def scattered(number: int, seed: int) -> int:
    """A number of 48 bits for each running number: no two alike, and without order, as ids of products are."""
    return (number * 0x9E3779B97F4B ^ seed * 0x5851F42D4C95) & 0xFFFFFFFFFFFF
