"""What agents handled in a day or a month."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from .exact import percentile, ratio
from .handlings import Handling


@dataclass(slots=True)
class HandlingTally:
    """The figures of a tenant's or an agent's local day or month; a handling counts in that of its takeover.

    A session that was handled on two days counts on both, and once in their month: months are no sums of days.
    """

    session_ids: set[str] = field(default_factory=set)
    handlings_count: int = 0
    transfers_count: int = 0
    messages_count: int = 0
    ping_pongs_count: int = 0
    waits: list[Decimal] = field(default_factory=list)
    replies: list[Decimal] = field(default_factory=list)
    handles: list[Decimal] = field(default_factory=list)

    def take(self, handling: Handling) -> None:
        """Count a handling."""
        self.session_ids.add(handling.session_id)
        self.handlings_count += 1
        self.messages_count += handling.messages_count
        self.ping_pongs_count += handling.is_ping_pong
        for seconds, kept in (
            (handling.wait_seconds, self.waits),
            (handling.first_reply_seconds, self.replies),
            (handling.handle_seconds, self.handles),
        ):
            if seconds is not None:
                kept.append(seconds)

    def figures(self) -> dict[str, Any]:
        """The columns of ``agent_handling_monthly``."""
        waits, handles = _total(self.waits), _total(self.handles)
        return {
            "handled_sessions_count": len(self.session_ids),
            "handlings_count": self.handlings_count,
            "transfers_count": self.transfers_count,
            "waited_handlings_count": len(self.waits),
            "wait_seconds_total": waits,
            "ended_handlings_count": len(self.handles),
            "handle_seconds_total": handles,
            "avg_first_response_seconds": ratio(waits, len(self.waits)),
            "avg_handle_time_seconds": ratio(handles, len(self.handles)),
            "transfer_rate": ratio(self.transfers_count, len(self.session_ids)),
        }

    def more_figures(self) -> dict[str, Any]:
        """The columns that ``agent_performance_daily`` has beyond these."""
        replies = _total(self.replies)
        return {
            "messages_count": self.messages_count,
            "ping_pongs_count": self.ping_pongs_count,
            "p90_first_response_seconds": _p90(self.waits),
            "replied_handlings_count": len(self.replies),
            "first_reply_seconds_total": replies,
            "avg_first_reply_seconds": ratio(replies, len(self.replies)),
            "p90_first_reply_seconds": _p90(self.replies),
        }


def _total(seconds: list[Decimal]) -> Decimal | None:
    return sum(seconds, Decimal(0)) if seconds else None


def _p90(seconds: list[Decimal]) -> float | None:
    return percentile([float(each) for each in seconds], 0.9) if seconds else None
