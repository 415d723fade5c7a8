"""Seeded randomness: one stream per thing, so that a change to one thing leaves the others as they were."""

from collections.abc import Mapping
from math import log
from random import Random


class Chance(Random):
    """A stream of random draws. Seed it with text: the same in every process, whatever its hash seed."""

    def happens(self, probability: float) -> bool:
        """True with a probability."""
        return self.random() < probability

    def pick(self, weights: Mapping[str, float]) -> str:
        """One key, by weight."""
        return self.choices(list(weights), list(weights.values()))[0]

    def around(self, median: float, spread: float = 0.5) -> float:
        """A positive number around a median with a long upper tail, as waiting and answering times have."""
        return self.lognormvariate(log(median), spread)
