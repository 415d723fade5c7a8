"""The backlog: for each day, the tickets that were open when it ended, one after the other, and how old they were."""

from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path

from ..world.tenant import Tenant
from .table import Row, write_table
from .ticket_steps import DONE
from .view import View

#: First age of each bucket, in local days since the creation, and its column.
_BUCKETS = (
    (30, "aged_30_days_or_more_count"),
    (14, "aged_14_to_29_days_count"),
    (7, "aged_7_to_13_days_count"),
    (3, "aged_3_to_6_days_count"),
    (1, "aged_1_to_2_days_count"),
    (0, "aged_0_days_count"),
)
_DAY = timedelta(days=1)
#: After the end of a local day, what comes late is not expected any more.
_LATENESS = 86_400.0


class Backlog:
    """Keeps the stays of tickets in open statuses; writes ``ticket_backlog_daily``."""

    def __init__(self, folder: Path, view: View) -> None:
        self._path = folder / "ticket_backlog_daily.csv"
        self._view = view
        self._tenants: dict[str, Tenant] = {}
        self._stays: defaultdict[str, list[tuple[date, float, float]]] = defaultdict(list)

    def take(self, tenant: Tenant, history: list[Row]) -> None:
        """Keep the open statuses of a ticket whose creation is seen, from its rows of the history."""
        self._tenants[tenant.tenant_id] = tenant
        for row in history:
            if row["attribute"] == "status" and row["attribute_value"] not in DONE and row["created_date"] is not None:
                ended_at = row["ended_at"] if row["ended_at"] is not None else float("inf")
                self._stays[tenant.tenant_id].append((row["created_date"], row["started_at"], ended_at))

    def close(self) -> None:
        """Count the tickets of each day that were open at its last instant."""
        rows = []
        for tenant_id, stays in sorted(self._stays.items()):
            tenant = self._tenants[tenant_id]
            day, last = min(created for created, _, _ in stays), tenant.local_date(self._view.as_of)
            while day <= last:
                rows.append(self._row(tenant, day))
                day += _DAY
        write_table(self._path, rows)

    def _row(self, tenant: Tenant, day: date) -> Row:
        midnight = tenant.instant(day + _DAY)
        counts = dict.fromkeys((column for _, column in reversed(_BUCKETS)), 0)
        for created, started_at, ended_at in self._stays[tenant.tenant_id]:
            if started_at < midnight <= ended_at:
                age = (day - created).days
                counts[next(column for first, column in _BUCKETS if age >= first)] += 1
        return {
            "tenant_id": tenant.tenant_id,
            "backlog_date": day,
            "open_tickets_count": sum(counts.values()),
            **counts,
            "is_final": midnight + _LATENESS <= self._view.as_of,
        }
