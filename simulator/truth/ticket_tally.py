"""Closed tickets counted, by the day or month in which they were closed."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from .exact import ratio


@dataclass(slots=True)
class ResolutionTally:
    """The figures of the tickets closed in a tenant's local day or month."""

    closed_tickets_count: int = 0
    resolved_tickets_count: int = 0
    resolution_seconds_total: Decimal = Decimal(0)
    sla_met_tickets_count: int = 0
    sla_breached_tickets_count: int = 0
    sla_reported_met_tickets_count: int = 0
    sla_reported_tickets_count: int = 0

    def take(self, resolution_seconds: Decimal | None, *, sla_met: bool | None, claim: bool | None) -> None:
        """Count a closed ticket."""
        self.closed_tickets_count += 1
        if resolution_seconds is not None:
            self.resolved_tickets_count += 1
            self.resolution_seconds_total += resolution_seconds
        self.sla_met_tickets_count += sla_met is True
        self.sla_breached_tickets_count += sla_met is False
        if claim is not None:
            self.sla_reported_tickets_count += 1
            self.sla_reported_met_tickets_count += claim

    def add(self, other: "ResolutionTally") -> None:
        """Add up days to a month."""
        self.closed_tickets_count += other.closed_tickets_count
        self.resolved_tickets_count += other.resolved_tickets_count
        self.resolution_seconds_total += other.resolution_seconds_total
        self.sla_met_tickets_count += other.sla_met_tickets_count
        self.sla_breached_tickets_count += other.sla_breached_tickets_count
        self.sla_reported_met_tickets_count += other.sla_reported_met_tickets_count
        self.sla_reported_tickets_count += other.sla_reported_tickets_count

    def figures(self) -> dict[str, Any]:
        """The counts, sums, averages and rates by column."""
        total = self.resolution_seconds_total if self.resolved_tickets_count else None
        return {
            "closed_tickets_count": self.closed_tickets_count,
            "resolved_tickets_count": self.resolved_tickets_count,
            "resolution_seconds_total": total,
            "sla_met_tickets_count": self.sla_met_tickets_count,
            "sla_breached_tickets_count": self.sla_breached_tickets_count,
            "sla_reported_met_tickets_count": self.sla_reported_met_tickets_count,
            "sla_reported_tickets_count": self.sla_reported_tickets_count,
            "avg_resolution_hours": ratio(total, self.resolved_tickets_count * 3600),
            "sla_attainment_rate": ratio(
                self.sla_met_tickets_count, self.sla_met_tickets_count + self.sla_breached_tickets_count
            ),
            "reported_sla_attainment_rate": ratio(self.sla_reported_met_tickets_count, self.sla_reported_tickets_count),
        }
