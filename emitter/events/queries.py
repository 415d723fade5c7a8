"""Business queries that the AI answers for a customer."""

from ._base import Event, Id, Integer, PersonalId


class QueryOrder(Event, tag="query.order"):
    """An order was looked up."""

    session_id: Id
    order_number: PersonalId
    site: str
    success: bool
    response_time_ms: Integer
    error_type: str | None = None


class QueryTracking(Event, tag="query.tracking"):
    """A parcel was tracked."""

    session_id: Id
    tracking_number: PersonalId
    carrier: str
    success: bool
    status: str | None = None
    response_time_ms: Integer | None = None
