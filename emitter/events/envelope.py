"""The envelope: what every line carries beside the fields of its event."""

from typing import Annotated

from msgspec import Meta, Struct

from ._base import Count, Id, Instant


class Envelope(Struct, kw_only=True, omit_defaults=True):
    """The envelope of a line, as the loader checks it.

    ``event_id`` may be absent on foreign lines (the loader derives a stable one), and so may ``emitter_id`` and
    ``seq`` (loss cannot be measured for such lines). The emitter writes all of them.
    """

    event: Annotated[str, Meta(min_length=1, description="dotted event name")]
    timestamp: Annotated[Instant, Meta(description="when it happened: RFC 3339 with offset, microseconds")]
    product: Annotated[str, Meta(min_length=1, description="the product that wrote the line")]
    event_id: Annotated[Id | None, Meta(description="UUIDv7 made by the emitter")] = None
    tenant_id: Annotated[Id, Meta(description="the tenant the event belongs to")] = "default"
    schema_version: Annotated[int, Meta(ge=1, le=2**31 - 1, description="version of the event's schema")] = 1
    emitter_id: Annotated[Id | None, Meta(description="one per emitting process start and product")] = None
    seq: Annotated[Count | None, Meta(description="0, 1, 2, … without gaps per emitter_id")] = None
    level: Annotated[str | None, Meta(description="level of the logging library")] = None
    logger: Annotated[str | None, Meta(description="logger of the logging library")] = None


ENVELOPE_FIELDS: tuple[str, ...] = Envelope.__struct_fields__
SCHEMA_VERSION = 1
#: Names the fields of a line whose values the emitter could not write as they were; the loader rejects such lines.
UNSAFE_FIELD = "emitter_unsafe"
