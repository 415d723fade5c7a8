"""The trace that something leaves in the logs."""

from typing import NamedTuple


class Trace(NamedTuple):
    """When something happened, and what the logs say of it; instants in seconds since the epoch.

    at: when it happened; logged_at: what its line says, which differs where the writer's clock is wrong.
    emitter_id, number: the start of the product that wrote the line, and the line's place among all lines written:
    equal instants of one emitter happened in this order.
    is_recorded: whether the line came into a log file whole; a lost one happened all the same.
    """

    at: float
    logged_at: float
    number: int
    emitter_id: str
    event_id: str
    is_recorded: bool
