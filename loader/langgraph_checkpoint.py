"""A checkpoint of a LangGraph thread, as far as it tells of a conversation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Checkpoint:
    """The state of a thread after a step of its graph.

    checkpoint_id: grows with time. at: seconds since the epoch. source: ``input``, ``loop``, ``update`` or ``fork``.
    values: the state by channel; versions: which version of each channel that is. writes: what the next step has
    written so far, of (task, channel, value): also its interrupts, the answers to them and its errors.
    """

    checkpoint_id: str
    at: float
    source: str
    values: Mapping[str, Any]
    versions: Mapping[str, Any]
    writes: Sequence[tuple[str, str, Any]]
    metadata: Mapping[str, Any]


@dataclass(frozen=True)
class Reading:
    """How checkpoints are read.

    channel: of the customer, as the product's channel of support. messages: the state's channel that holds the
    messages. agents: nodes that are AI sub-agents. customer_key: the entry of the run's metadata that is the customer.
    """

    channel: str
    messages: str = "messages"
    agents: frozenset[str] = frozenset()
    customer_key: str | None = None
