"""The daily figures of the customer hub, each counted at its own instant, against their targets."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from ..world.scoring import TARGETS
from ..world.settings import Settings
from ..world.tenant import DAY, Tenant
from ..world.thread import TriggerType
from .exact import ratio, six
from .table import Row, write_table
from .thread_history import ThreadHistory
from .view import View

_CLEARING_HOUR = 20
_TRIGGER_TYPES: tuple[TriggerType, ...] = ("pre_sales", "after_sales", "bizdev")


class HubDays:
    """Takes threads and triggers that are over, and writes ``hub_daily_metrics`` when the world has ended."""

    def __init__(self, folder: Path, settings: Settings, view: View) -> None:
        self._folder = folder
        self._tenants = {tenant.tenant_id: tenant for tenant in settings.tenants}
        self._view = view
        self._counts: defaultdict[tuple[str, date], Counter[str]] = defaultdict(Counter)
        self._reply_seconds: defaultdict[tuple[str, date], Decimal] = defaultdict(Decimal)
        self._in_pool: defaultdict[str, list[tuple[float, float | None]]] = defaultdict(list)

    def take_promotion(self, tenant: Tenant, promoted_at: float) -> None:
        """A contact became a customer."""
        self._count(tenant, promoted_at, "promoted")

    def take_thread(self, tenant: Tenant, history: ThreadHistory) -> None:
        """A thread with a seen message."""
        self._count(tenant, self._view.at(history.memory.messages[0].trace), "first_message")
        for begin, end in history.in_pool():
            self._in_pool[tenant.tenant_id].append((begin, end))
            for at in (begin, end):
                if at is not None:
                    self._count(tenant, at, "moved_in_pool")
        for wait in history.waits:
            seconds = wait.reply_seconds
            if wait.ended_at is not None and seconds is not None and history.counts(wait.ended_at):
                self._reply_seconds[self._count(tenant, wait.ended_at, "reply")] += seconds
            judged_at = wait.ended_at if wait.overdue_at is None else wait.overdue_at
            if judged_at is not None and history.counts(judged_at):
                self._count(tenant, judged_at, "in_time" if wait.overdue_at is None else "overdue")

    def take_trigger(self, tenant: Tenant, kind: TriggerType, fired_at: float | None, used_at: float | None) -> None:
        """A trigger that was fired in a thread which was not black then."""
        for at, what in ((fired_at, "fired"), (used_at, "used")):
            if at is not None:
                self._count(tenant, at, f"{kind}_{what}")

    def close(self) -> None:
        """Write the table."""
        write_table(self._folder / "hub_daily_metrics.csv", self._rows())

    def _count(self, tenant: Tenant, at: float, what: str) -> tuple[str, date]:
        day = tenant.tenant_id, tenant.local_date(at)
        self._counts[day][what] += 1
        return day

    def _rows(self) -> Iterator[Row]:
        firsts: dict[str, date] = {}
        for tenant_id, day in sorted(self._counts):
            firsts.setdefault(tenant_id, day)
        for tenant_id, first in firsts.items():
            tenant, day = self._tenants[tenant_id], first
            while tenant.instant(day) < self._view.as_of:
                yield from self._figures(tenant, day)
                day += timedelta(days=1)

    def _figures(self, tenant: Tenant, day: date) -> Iterator[Row]:
        counts = self._counts[tenant.tenant_id, day]
        midnight, clearing = tenant.instant(day), tenant.instant(day, _CLEARING_HOUR)
        begun = [end for begin, end in self._in_pool[tenant.tenant_id] if begin <= clearing]
        pool = sum(end is None or end > clearing for end in begun)
        seen = sum(end is None or end > midnight for end in begun)
        minutes = None
        if counts["reply"]:
            minutes = six(self._reply_seconds[tenant.tenant_id, day] / 60)
        figures: dict[str, tuple[Decimal | int | None, int | None]] = {
            "pool_threads": (pool, None),
            "pool_clear_rate": (seen - pool, seen),
            "avg_reply_minutes": (minutes, counts["reply"]),
            "overdue_rate": (counts["overdue"], counts["overdue"] + counts["in_time"]),
            "promoted_contacts": (counts["promoted"], None),
        }
        for kind in _TRIGGER_TYPES:
            for what in ("fired", "used"):
                figures[f"{kind}_triggers_{what}"] = (counts[f"{kind}_{what}"], None)
        # The last lines are taken to be loaded at "now"; a day is awaited for another one.
        is_final = tenant.instant(day + timedelta(days=1)) + DAY <= self._view.as_of
        for metric, (numerator, denominator) in figures.items():
            figure = numerator if denominator is None else ratio(numerator, denominator)
            key: dict[str, Any] = {"tenant_id": tenant.tenant_id, "metric_date": day, "metric": metric}
            yield key | {
                "numerator": numerator,
                "denominator": denominator,
                "figure": figure,
                **_target(metric, figure),
                "is_final": is_final,
            }


def _target(metric: str, figure: Decimal | int | None) -> Row:
    comparison, target = TARGETS.get(metric, (None, None))
    goal = None if target is None else Decimal(target)
    is_met = None
    if figure is not None and goal is not None:
        is_met = figure >= goal if comparison == "at_least" else figure <= goal
    return {"comparison": comparison, "target": goal, "is_target_met": is_met}
