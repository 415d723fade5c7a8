"""The headline figures of the business case, and how they change."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from .table import Row

#: Figures of a month: name, the column of ``headline_figures_monthly``.
FIGURES = {
    "sessions": "sessions_count",
    "ai_resolution_rate": "ai_resolution_rate",
    "avg_ai_response": "avg_ai_response_time_ms",
    "cost_saving": "cost_saving_amount",
    "order_query_success_rate": "order_query_success_rate",
    "tracking_query_success_rate": "tracking_query_success_rate",
    "agent_handled_sessions": "handled_sessions_count",
    "avg_first_response": "avg_first_response_seconds",
    "avg_handle_time": "avg_handle_time_seconds",
    "transfer_rate": "transfer_rate",
    "tickets_closed": "closed_tickets_count",
    "avg_resolution_time": "avg_resolution_hours",
    "sla_attainment_rate": "sla_attainment_rate",
}
_SESSION_COLUMNS = (
    "sessions_count",
    "ai_resolved_sessions_count",
    "ai_resolution_rate",
    "ai_response_time_ms_total",
    "timed_ai_turns_count",
    "avg_ai_response_time_ms",
    "cost_saving_amount",
    "uncosted_sessions_count",
)
_QUERY_COLUMNS = (
    "order_queries_count",
    "successful_order_queries_count",
    "order_query_success_rate",
    "tracking_queries_count",
    "successful_tracking_queries_count",
    "tracking_query_success_rate",
)
_HANDLING_COLUMNS = (
    "handled_sessions_count",
    "wait_seconds_total",
    "waited_handlings_count",
    "avg_first_response_seconds",
    "handle_seconds_total",
    "ended_handlings_count",
    "avg_handle_time_seconds",
    "transfers_count",
    "transfer_rate",
)
_TICKET_COLUMNS = (
    "closed_tickets_count",
    "resolution_seconds_total",
    "resolved_tickets_count",
    "avg_resolution_hours",
    "sla_met_tickets_count",
    "sla_breached_tickets_count",
    "sla_attainment_rate",
)
_NOTHING: Row = {}


def headline_figures(
    sessions: Row | None, queries: Row | None, handlings: Row | None, tickets: Row | None
) -> dict[str, Any]:
    """The figures of a month from the months of its subjects, None where nothing of one happened; of a day likewise."""
    return {
        **_taken(sessions, _SESSION_COLUMNS),
        **_taken(queries, _QUERY_COLUMNS),
        **_taken(handlings, _HANDLING_COLUMNS),
        **_taken(tickets, _TICKET_COLUMNS),
    }


def with_changes(months: Mapping[date, Row], month: date) -> dict[str, Any]:
    """The figures of one tenant's month with their changes against the month and the year before."""
    return {
        **months[month],
        **{
            f"{column}_{suffix}_change": _difference(months[month][column], months.get(before, _NOTHING).get(column))
            for suffix, before in (("mom", _months_before(month, 1)), ("yoy", _months_before(month, 12)))
            for column in FIGURES.values()
        },
    }


def figure_rows(months: Mapping[date, Row], month: date) -> list[Row]:
    """The same, one row per figure."""
    rows: list[Row] = []
    here = months[month]
    month_before = months.get(_months_before(month, 1), _NOTHING)
    year_before = months.get(_months_before(month, 12), _NOTHING)
    for metric, column in FIGURES.items():
        rows.append(
            {
                "tenant_id": here["tenant_id"],
                "month": month,
                "metric": metric,
                "currency": here["currency"],
                "is_month_over": here["is_month_over"],
                "figure": here[column],
                "month_before_figure": month_before.get(column),
                "change_on_month_before": _difference(here[column], month_before.get(column)),
                "year_before_figure": year_before.get(column),
                "change_on_year_before": _difference(here[column], year_before.get(column)),
            }
        )
    return rows


def _taken(subject: Row | None, columns: tuple[str, ...]) -> dict[str, Any]:
    """What did not happen is counted as zero and saves nothing; it has no time and no rate."""
    if subject is not None:
        return {column: subject[column] for column in columns}
    return {column: 0 if column.endswith(("_count", "_saving_amount")) else None for column in columns}


def _difference(figure: Any, before: Any) -> Any:
    return None if figure is None or before is None else figure - before


def _months_before(month: date, count: int) -> date:
    years, index = divmod(12 * month.year + month.month - 1 - count, 12)
    return date(years, index + 1, 1)
