"""UUID version 7 (RFC 9562, section 5.7): 48 bits of Unix milliseconds, then random bits.

The standard library has ``uuid.uuid7`` from Python 3.14 on; products that install the emitter are spared a dependency
for the ten lines below.
"""

from collections.abc import Callable
from uuid import UUID

_VERSION_7 = 0x7 << 76
_VARIANT_RFC = 0b10 << 62


def uuid7(unix_seconds: float, random_bits: Callable[[int], int]) -> UUID:
    """A UUIDv7 for an instant.

    ``unix_seconds``: seconds since the epoch; ``random_bits``: called with a number of bits, e.g.
    ``random.SystemRandom().getrandbits`` or, for reproducible ids, a seeded ``random.Random(…).getrandbits``.
    """
    milliseconds = int(unix_seconds * 1000) & ((1 << 48) - 1)
    bits = random_bits(74)
    return UUID(int=milliseconds << 80 | _VERSION_7 | (bits >> 62) << 64 | _VARIANT_RFC | bits & ((1 << 62) - 1))
