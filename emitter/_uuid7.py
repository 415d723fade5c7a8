"""UUID version 7 (RFC 9562, section 5.7): 48 bits of Unix milliseconds, then random bits.

The standard library has ``uuid.uuid7`` from Python 3.14 on; products that install the emitter are spared a dependency
for the ten lines below. The text is made without a ``uuid.UUID``, which would cost as much again as a third of a line.
"""

import os
import random
from collections.abc import Callable

_VERSION_AND_VARIANT = 0x7 << 76 | 0b10 << 62
_LOW_62 = (1 << 62) - 1

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
    milliseconds = int(unix_seconds * 1000) & 0xFFFF_FFFF_FFFF
    bits = random_bits(74)
    number = milliseconds << 80 | _VERSION_AND_VARIANT | (bits >> 62) << 64 | bits & _LOW_62
    # Dashes every six bytes from the right are two of the four; it takes two more.
    digits = number.to_bytes(16).hex("-", 6)
    return f"{digits[:13]}-{digits[13:17]}-{digits[17:]}"
