"""The rules that a world was played by and its truth is told by: calendars, promises, points of the customer hub."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from ..truth.table import Row, write_table
from ..world.scoring import (
    BLACKLIST,
    FILE_POINTS,
    GRAY_FROM,
    KEYWORD_POINTS,
    KNOWLEDGE_BASE_POINTS,
    MOST_POINTS,
    WEEKDAY_POINTS,
    WEEKEND_POINTS,
    WHITE_FROM,
)
from ..world.tenant import Tenant


def write_rules(folder: Path, tenants: Sequence[Tenant]) -> None:
    """Write the rules of some tenants into a folder of the truth, one table for each kind."""
    write_table(folder / "business_hours.csv", _business_hours(tenants))
    write_table(folder / "holidays.csv", _holidays(tenants))
    write_table(folder / "sla_policies.csv", _sla_policies(tenants))
    write_table(folder / "scoring_keywords.csv", _scoring_keywords())
    write_table(folder / "scoring_points.csv", _scoring_points())


def _business_hours(tenants: Sequence[Tenant]) -> Iterator[Row]:
    for tenant in tenants:
        for calendar in tenant.calendars:
            for hours in calendar.hours:
                yield {
                    "tenant_id": tenant.tenant_id,
                    "calendar_id": calendar.calendar_id,
                    "timezone": calendar.timezone,
                    # As ISO counts them: Monday is 1, Sunday 7.
                    "weekday": hours.weekday + 1,
                    "opens": _wall_time(hours.opens),
                    "closes": _wall_time(hours.closes),
                }


def _wall_time(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _holidays(tenants: Sequence[Tenant]) -> Iterator[Row]:
    for tenant in tenants:
        for calendar in tenant.calendars:
            for holiday in sorted(calendar.holidays):
                yield {"tenant_id": tenant.tenant_id, "calendar_id": calendar.calendar_id, "holiday": holiday}


def _sla_policies(tenants: Sequence[Tenant]) -> Iterator[Row]:
    for tenant in tenants:
        for policy in tenant.policies:
            yield {
                "tenant_id": tenant.tenant_id,
                "metric": policy.metric,
                "ticket_type": policy.ticket_type,
                "priority": policy.priority,
                "valid_from": policy.valid_from,
                "valid_to": policy.valid_to,
                "target_minutes": policy.target_minutes,
                "calendar_id": policy.calendar_id,
                "pausing_statuses": " ".join(policy.pausing),
            }


def _scoring_keywords() -> Iterator[Row]:
    for trigger_type, words in KEYWORD_POINTS.items():
        for keyword, points in words.items():
            yield {"keyword": keyword, "trigger_type": trigger_type, "points": points, "is_blacklisted": False}
    for keyword in BLACKLIST:
        yield {"keyword": keyword, "trigger_type": None, "points": None, "is_blacklisted": True}


def _scoring_points() -> Iterator[Row]:
    for file_type, points in FILE_POINTS.items():
        yield {"rule": "file_type", "name": file_type, "points": points}
    yield {"rule": "day", "name": "weekday", "points": WEEKDAY_POINTS}
    yield {"rule": "day", "name": "weekend", "points": WEEKEND_POINTS}
    yield {"rule": "knowledge_base", "name": "matched", "points": KNOWLEDGE_BASE_POINTS}
    yield {"rule": "message", "name": "at_most", "points": MOST_POINTS}
    yield {"rule": "bucket_from", "name": "WHITE", "points": WHITE_FROM}
    yield {"rule": "bucket_from", "name": "GRAY", "points": GRAY_FROM}
    yield {"rule": "bucket_from", "name": "BLACK", "points": 0}
