"""A tenant: whose support desk it is, and its local time."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY = 86_400.0
HOUR = 3_600.0
MINUTE = 60.0


@dataclass(frozen=True)
class Tenant:
    """A tenant and its time zone. Instants are seconds since the epoch."""

    tenant_id: str = "default"
    timezone: str = "Asia/Shanghai"

    def instant(self, day: date, hours: float = 0.0) -> float:
        """The instant of a wall-clock time: ``hours`` after local midnight of ``day``; 24 is the next midnight."""
        wall = datetime.combine(day, time()) + timedelta(hours=hours)
        return wall.replace(tzinfo=ZoneInfo(self.timezone)).timestamp()

    def local_date(self, at: float) -> date:
        """The local date of an instant."""
        return datetime.fromtimestamp(at, ZoneInfo(self.timezone)).date()
