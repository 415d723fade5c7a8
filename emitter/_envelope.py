"""The parts of the envelope as JSON; what seldom changes is remembered."""

from datetime import UTC, datetime
from functools import lru_cache

import msgspec

from ._encoding import encode, encode_fields, encoder
from .events import SCHEMA_VERSION

_NO_FIELDS: frozenset[str] = frozenset()


def clock_json(unix_seconds: float) -> str:
    """An instant of the clock: UTC with microseconds, in quotes."""
    instant = datetime.fromtimestamp(unix_seconds, UTC)
    # The encoder is ten times as fast as isoformat, but leaves out microseconds that are zero.
    return encoder.encode(instant).decode() if instant.microsecond else timestamp_json(instant)


def timestamp_json(timestamp: object) -> str:
    """An aware datetime as UTC with microseconds, in quotes; anything else as it is, for the loader to judge."""
    if isinstance(timestamp, datetime) and timestamp.tzinfo is not None:
        timestamp = timestamp.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    return encode(timestamp).decode()


def origin_json(product: str, tenant_id: object, emitter_id: str) -> str:
    """From the comma before the product to the key ``seq``, whose value comes next."""
    # A made-up tenant must not pass for a real one: null is none that the loader takes.
    encoded, changes = encode_fields({"tenant_id": tenant_id})
    fields = {
        "product": msgspec.Raw(encode(product)),
        "tenant_id": None if changes else msgspec.Raw(encoded[len('{"tenant_id":') : -1]),
        "schema_version": SCHEMA_VERSION,
        "emitter_id": emitter_id,
    }
    return f',{encoder.encode(fields)[1:-1].decode()},"seq":'


#: For tenants that are text; lines of other types are rare, and 1 is not to be mistaken for True.
remembered_origin_json = lru_cache(maxsize=256)(origin_json)


@lru_cache(maxsize=256)
def source_json(level: str, logger: str, shadowed: frozenset[str] = _NO_FIELDS) -> str:
    """What the logging library adds, each part after a comma; a shadowed name is left to the event's own field."""
    fields = {"level": level, "logger": logger}
    return "".join(f",{encode({key: fields[key]})[1:-1].decode()}" for key in fields if key not in shadowed)
