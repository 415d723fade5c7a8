"""The marts that are compared with the truth: one line each."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Mart:
    """A mart, whose truth is the table of the same name.

    key: the columns that name a row. untold: columns of the mart that the world cannot know, and why. hashed: columns
    of the mart that stand for a column of the truth, one hash for one value. by_name: paths of which only the file's
    name counts. All other columns of the mart must be in the truth; what the truth has beyond them is for people.
    untold_because: why no world can tell any of it; such a mart is not compared, and its key is empty.
    """

    name: str
    key: tuple[str, ...]
    untold: Mapping[str, str] = field(default_factory=dict)
    hashed: Mapping[str, str] = field(default_factory=dict)
    by_name: tuple[str, ...] = ()
    untold_because: str = ""


_CUSTOMER = {"customer_hash": "customer_id"}
_CONTACT = {"contact_hash": "contact_id"}
_LABEL = "a word of the seed metric_labels"
_HUB_LABEL = "a word of the seed hub_metric_labels"
_BUILD = {"build_id": "bookkeeping of builds, which no world knows"}
_READING = "known to the loader alone"
_LIVE = "it tells of the moment of the newest load, which is known to the loader alone"
_LINE = {"source_file_id": _READING, "line_number": _READING}

MARTS = (
    Mart("agent_handling_monthly", ("tenant_id", "month")),
    Mart("agent_performance_daily", ("tenant_id", "agent_id", "work_date")),
    Mart("ai_agent_usage_daily", ("tenant_id", "routing_date", "ai_agent_name")),
    Mart("ai_interrupts_daily", ("tenant_id", "interrupt_date", "interrupt_action")),
    Mart("ai_resolution_daily", ("tenant_id", "session_date")),
    Mart("ai_resolution_monthly", ("tenant_id", "month")),
    Mart("ai_resolution_rates", ("tenant_id", "period_type", "period_start", "dimension", "dimension_value")),
    Mart("ai_response_times", ("tenant_id", "period_type", "period_start")),
    Mart("ai_tool_usage_daily", ("tenant_id", "call_date", "tool_name")),
    Mart("api_health_hourly", ("tenant_id", "call_date", "hour_started_at", "endpoint_type", "endpoint")),
    Mart("billing_usage_by_resource_daily", ("tenant_id", "usage_date", "resource_type", "resource_name")),
    Mart("billing_usage_daily", ("tenant_id", "usage_date")),
    Mart(
        "business_case_figures_monthly",
        ("tenant_id", "month", "metric"),
        untold={"display_order": _LABEL, "unit": _LABEL, "label_en": _LABEL, "label_zh": _LABEL},
    ),
    Mart("business_case_monthly", ("tenant_id", "month")),
    Mart("claim_reconciliation", ("tenant_id", "claim_date", "claim")),
    Mart("conversations", ("tenant_id", "session_id")),
    Mart("cost_per_conversation_monthly", ("tenant_id", "month")),
    Mart("dim_channels", ("tenant_id", "channel")),
    # The hash is not told, so it names no row; no two contacts of a tenant come at the same microsecond.
    Mart("dim_contacts", ("tenant_id", "first_seen_at"), hashed=_CONTACT),
    # The hash is not told, so it names no row; no two customers of a tenant come at the same microsecond.
    Mart("dim_customers", ("tenant_id", "first_contact_at"), hashed=_CUSTOMER),
    Mart("dim_sites", ("tenant_id", "site")),
    Mart("dim_tenants", ("tenant_id",)),
    Mart("durability_curve_monthly", ("tenant_id", "month", "hours_since_resolution")),
    Mart("escalation_mix_daily", ("tenant_id", "session_date", "escalation_attribute", "attribute_value")),
    Mart("event_loss_daily", ("emitter_id", "product", "event_date")),
    Mart("fct_agent_handlings", ("takeover_event_id",)),
    Mart("fct_agent_shifts", ("login_event_id",)),
    Mart("fct_agent_status_intervals", ("event_id",)),
    Mart("fct_api_calls", ("event_id",), untold=_LINE),
    Mart("fct_escalations", ("event_id",), untold=_LINE),
    Mart("fct_hub_messages", ("event_id",), untold=_LINE, hashed=_CONTACT),
    Mart("fct_hub_triggers", ("tenant_id", "thread_id", "trigger_id")),
    Mart("fct_quality_audits", ("tenant_id", "audit_id"), untold=_LINE, hashed={"reviewer_hash": "reviewer_id"}),
    Mart("fct_queries", ("event_id",), untold=_LINE, hashed={"number_hash": "number"}),
    Mart("fct_queue_waits", ("tenant_id", "session_id", "wait_number")),
    Mart("fct_ratings", ("event_id",), untold=_LINE),
    Mart("fct_session_claims", ("tenant_id", "session_id")),
    Mart("fct_session_messages", ("event_id",), untold=_LINE),
    Mart("fct_session_returns", ("tenant_id", "session_id"), untold=_BUILD, hashed=_CUSTOMER),
    Mart("fct_sessions", ("tenant_id", "session_id"), hashed=_CUSTOMER),
    Mart("fct_thread_statuses", ("tenant_id", "thread_id", "began_at")),
    Mart("fct_threads", ("tenant_id", "thread_id"), hashed=_CONTACT),
    Mart("fct_ticket_history", ("tenant_id", "ticket_id", "attribute", "period_number")),
    Mart("fct_ticket_sla", ("tenant_id", "ticket_id", "metric", "application_number")),
    Mart("fct_ticket_sla_segments", ("tenant_id", "ticket_id", "metric", "application_number", "segment_number")),
    Mart("fct_tickets", ("tenant_id", "ticket_id"), hashed=_CUSTOMER),
    Mart("fct_token_usage", ("event_id",), untold=_LINE),
    Mart("headline_figures_monthly", ("tenant_id", "month")),
    Mart(
        "hub_daily_metrics",
        ("tenant_id", "metric_date", "metric"),
        untold={"display_order": _HUB_LABEL, "unit": _HUB_LABEL, "label_en": _HUB_LABEL, "label_zh": _HUB_LABEL},
    ),
    Mart("ingest_lag_daily", (), untold_because="when lines are loaded is known to the loader alone"),
    Mart(
        "ingest_reconciliation",
        ("path",),
        untold={"source_file_id": _READING, "last_read_at": _READING},
        by_name=("path",),
    ),
    Mart("intent_mix_daily", ("tenant_id", "session_date", "intent")),
    Mart("mart_changes", (), untold_because="it tells of builds, which no world knows"),
    Mart("quality_summary_daily", ("tenant_id", "session_date")),
    Mart("query_performance_daily", ("tenant_id", "query_date", "query_type", "site_or_carrier")),
    Mart("query_success_monthly", ("tenant_id", "month")),
    Mart("queue_hourly", ("tenant_id", "queue_date", "hour_started_at")),
    Mart("realtime_agents", (), untold_because=_LIVE),
    Mart("realtime_channels", (), untold_because=_LIVE),
    Mart("realtime_overview", (), untold_because=_LIVE),
    Mart("replay_steps", ("event_id",)),
    Mart("roi_monthly", ("tenant_id", "month", "scenario")),
    Mart("satisfaction_daily", ("tenant_id", "session_date", "touch")),
    Mart("schema_drift", ("event", "field")),
    Mart("ticket_backlog_daily", ("tenant_id", "backlog_date")),
    Mart("ticket_resolution_monthly", ("tenant_id", "month")),
    Mart("ticket_sla_daily", ("tenant_id", "started_date", "metric", "priority", "ticket_type", "team")),
    Mart("today_todo", ("tenant_id", "thread_id"), hashed=_CONTACT),
    Mart("token_usage_monthly", ("tenant_id", "month")),
    Mart("unknown_pool", ("tenant_id", "thread_id"), hashed=_CONTACT),
)
