"""The book of the business case: what the other books add up to, and what it is worth."""

from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path

from ..world.settings import Settings
from ..world.tenant import Tenant
from .agents import AgentBook
from .book import Blank
from .headline import figure_rows, headline_figures, with_changes
from .money import Money
from .roi import roi_rows
from .sessions import Key, SessionBook
from .table import Row, write_table
from .tickets import TicketBook
from .view import View


class BusinessBook(Blank):
    """Reads the months of the other books when the world has ended; they are closed before."""

    def __init__(
        self,
        folder: Path,
        settings: Settings,
        view: View,
        *,
        sessions: SessionBook,
        agents: AgentBook,
        tickets: TicketBook,
    ) -> None:
        self._folder = folder
        self._view = view
        self._money = Money(settings)
        self._tenants = {tenant.tenant_id: tenant for tenant in settings.tenants}
        self._sessions = sessions
        self._agents = agents
        self._tickets = tickets

    def close(self) -> None:
        """Write the tables."""
        tenants = [self._tenants[tenant_id] for tenant_id in sorted(self._tenants)]
        write_table(self._folder / "dim_tenants.csv", (_tenant_row(tenant) for tenant in tenants))
        write_table(self._folder / "roi_monthly.csv", self._returns())
        write_table(self._folder / "headline_figures_daily.csv", self._days())
        by_tenant = self._headline()
        months = [(figures, month) for figures in by_tenant.values() for month in figures]
        write_table(self._folder / "headline_figures_monthly.csv", (figures[month] for figures, month in months))
        write_table(self._folder / "business_case_monthly.csv", (with_changes(*month) for month in months))
        rows = (row for month in months for row in figure_rows(*month))
        write_table(self._folder / "business_case_figures_monthly.csv", rows)

    def _returns(self) -> list[Row]:
        sessions, tokens = self._sessions.session_months, self._sessions.token_months
        rows: list[Row] = []
        for key in sorted({*sessions, *tokens}):
            tenant_id, month = key
            tenant = self._tenants[tenant_id]
            fee = self._money.platform_fee(tenant, month)
            row_key = {"tenant_id": tenant_id, "month": month, "currency": tenant.currency}
            rows.extend({**row_key, **row} for row in roi_rows(sessions.get(key), tokens.get(key), fee))
        return rows

    def _days(self) -> list[Row]:
        """The headline figures by tenant and day on which anything happened."""
        subjects: tuple[dict[Key, Row], ...] = (
            self._sessions.session_days,
            self._sessions.query_days,
            self._agents.handling_days,
            self._tickets.resolution_days,
        )
        return [
            {
                "tenant_id": tenant_id,
                "day": day,
                "currency": self._tenants[tenant_id].currency,
                "is_day_over": self._tenants[tenant_id].instant(day + timedelta(days=1)) <= self._view.as_of,
                **headline_figures(*(days.get((tenant_id, day)) for days in subjects)),
            }
            for tenant_id, day in sorted({key for days in subjects for key in days})
        ]

    def _headline(self) -> dict[str, dict[date, Row]]:
        """Rows by tenant and month in which anything happened."""
        subjects: tuple[dict[Key, Row], ...] = (
            self._sessions.session_months,
            self._sessions.query_months,
            self._agents.handling_months,
            self._tickets.resolution_months,
        )
        by_tenant: defaultdict[str, dict[date, Row]] = defaultdict(dict)
        for key in sorted({key for months in subjects for key in months}):
            tenant_id, month = key
            tenant = self._tenants[tenant_id]
            next_month = date(month.year + month.month // 12, month.month % 12 + 1, 1)
            by_tenant[tenant_id][month] = {
                "tenant_id": tenant_id,
                "month": month,
                "currency": tenant.currency,
                "is_month_over": tenant.instant(next_month) <= self._view.as_of,
                **headline_figures(*(months.get(key) for months in subjects)),
            }
        return by_tenant


def _tenant_row(tenant: Tenant) -> Row:
    return {
        "tenant_id": tenant.tenant_id,
        "timezone": tenant.timezone,
        "currency": tenant.currency,
        "is_configured": True,
    }
