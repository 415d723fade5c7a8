"""UUID version 7 (RFC 9562, section 5.7): 48 bits of Unix milliseconds, then random bits.

The standard library has ``uuid.uuid7`` from Python 3.14 on; products that install the emitter are spared a dependency
for the lines below. The text is made without a ``uuid.UUID``, which would cost as much again as a third of a line.
"""

import os
import random
from collections.abc import Callable

#: How many random bits an id takes.
RANDOM_BITS = 74

# Ids must differ, not be secret, and this costs a tenth of asking the system each time. Seeded by the system, apart
# from the generator that a product may seed, and anew in the child after a fork.
_RANDOM = random.Random()  # noqa: S311
system_seeded_bits = _RANDOM.getrandbits


def seed_by_system() -> None:
    """Begin :func:`system_seeded_bits` anew: a child that goes on where its parent stood would repeat its ids."""
    _RANDOM.seed()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=seed_by_system)


def uuid7(unix_seconds: float, random_bits: Callable[[int], int]) -> str:
    """A UUIDv7 for an instant, as text.

    ``unix_seconds``: seconds since the epoch; ``random_bits``: called with a number of bits, e.g.
    ``system_seeded_bits`` or, for reproducible ids, a seeded ``random.Random(…).getrandbits``.
    """
    return uuid7_of(unix_seconds, random_bits(RANDOM_BITS))


def uuid7_of(unix_seconds: float, bits: int) -> str:
    """The same, from ``RANDOM_BITS`` bits that were drawn before."""
    global _last  # noqa: PLW0603 - replaced as a whole, so that threads need no lock
    milliseconds = int(unix_seconds * 1000)
    remembered, beginning = _last
    if milliseconds != remembered:
        digits = f"{milliseconds & 0xFFFF_FFFF_FFFF:012x}"
        beginning = f"{digits[:8]}-{digits[8:]}-7"
        _last = (milliseconds, beginning)
    # 12 bits behind the version, the variant and 14 bits, 48 bits.
    return "%s%03x-%04x-%012x" % (  # noqa: UP031 - faster than an f-string by a third
        beginning,
        bits >> 62,
        0x8000 | bits >> 48 & 0x3FFF,
        bits & 0xFFFF_FFFF_FFFF,
    )


# Lines come in bursts: those of one millisecond begin alike.
_last = (-1, "")
