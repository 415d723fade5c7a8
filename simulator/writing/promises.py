"""The parameter seeds by which a world's promises to customers are measured: calendars, policies, teams."""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from ..truth.table import Row, write_table
from ..world.tenant import Tenant

_ALWAYS = date(2000, 1, 1)


def write_promises(folder: Path, tenants: Sequence[Tenant]) -> None:
    """Write the calendars, promises and teams of some tenants into the folder of the parameter seeds."""
    write_table(folder / "business_calendars.csv", _business_calendars(tenants))
    write_table(folder / "holidays.csv", _holidays(tenants))
    write_table(folder / "sla_policies.csv", _sla_policies(tenants))
    write_table(folder / "agent_teams.csv", _agent_teams(tenants))


def _business_calendars(tenants: Sequence[Tenant]) -> Iterator[Row]:
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
                    "valid_from": max(hours.valid_from, _ALWAYS),
                    "valid_to": hours.valid_to,
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
                # Left empty it would mean the usual ones of the metric.
                "pausing_statuses": " ".join(policy.pausing) or "none",
            }


def _agent_teams(tenants: Sequence[Tenant]) -> Iterator[Row]:
    for tenant in tenants:
        for period in tenant.teams:
            yield {
                "tenant_id": tenant.tenant_id,
                "agent_id": period.agent_id,
                "team": period.team,
                "valid_from": period.valid_from,
                "valid_to": period.valid_to,
            }
