"""Clocks counted by the local day on which they started, by metric, priority, ticket type and team."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal

from ..world.settings import Settings
from ..world.tenant import DAY
from .exact import ratio
from .table import Row
from .view import View

#: What clocks are counted by; a text of none is ``none``.
KEY = ("tenant_id", "started_date", "metric", "priority", "ticket_type", "team")


class SlaTally:
    """Takes rows of ``fct_ticket_sla``, and gives those of ``ticket_sla_daily``."""

    def __init__(self) -> None:
        self._clocks: defaultdict[tuple[object, ...], list[Row]] = defaultdict(list)

    def take(self, row: Row) -> None:
        """Keep a clock."""
        self._clocks[tuple("none" if row[column] is None else row[column] for column in KEY)].append(row)

    def rows(self, settings: Settings, view: View) -> Iterator[Row]:
        """One row for each day and kind of clock, in order."""
        tenants = {tenant.tenant_id: tenant for tenant in settings.tenants}
        for key in sorted(self._clocks, key=str):
            clocks = self._clocks[key]
            names = dict(zip(KEY, key, strict=True))
            tenant = tenants[str(names["tenant_id"])]
            ends_at = tenant.instant(clocks[0]["started_date"], 24.0)
            counts = _counts(clocks)
            is_decided = all(clock["stopped_at"] is not None for clock in clocks)
            yield {**names, **counts, "is_final": is_decided and ends_at + DAY <= view.as_of}


def _counts(clocks: Sequence[Row]) -> dict[str, int | Decimal | None]:
    of = {
        status: sum(clock["sla_status"] == status for clock in clocks)
        for status in ("met", "breached", "running", "paused")
    }
    stopped = [clock["elapsed_business_seconds"] for clock in clocks if clock["stopped_at"] is not None]
    claims = [clock["is_report_right"] for clock in clocks if clock["is_report_right"] is not None]
    total = sum(stopped, Decimal(0))
    return {
        "clocks_count": len(clocks),
        **{f"{status}_count": count for status, count in of.items()},
        "stopped_count": len(stopped),
        "stopped_business_seconds_total": total,
        "reported_count": len(claims),
        "reports_right_count": sum(claims),
        "sla_attainment_rate": ratio(of["met"], of["met"] + of["breached"]),
        "avg_stopped_business_seconds": ratio(total, len(stopped)),
        "report_accuracy_rate": ratio(sum(claims), len(claims)),
    }
