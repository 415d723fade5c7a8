"""Sessions, their rates and costs on the golden days; expected figures are worked out by hand from ``story.py``."""

from decimal import Decimal

from tests.warehouse.golden.story import CANARY, rates


def test_outcomes_reasons_and_attributes_of_sessions(golden):
    rows = golden(
        "select session_id, outcome, outcome_reason from marts.fct_sessions where tenant_id = 'default'"
        " order by started_at, session_id"
    )
    assert [(row["session_id"], row["outcome"], row["outcome_reason"]) for row in rows] == [
        ("s1", "confirmed_resolved", "helpful"),
        ("s2", "assumed_resolved", "silence_after_answer"),
        ("s3", "abandoned", "user_spoke_last"),
        ("s4", "escalated_to_human", "agent_took_over"),
        ("s5", "escalation_failed", "rejected"),
        ("s6", "invalid", "test_session"),
        ("s7", "unanswered", "only_fallbacks"),
        ("s8", "human_takeover", "agent_took_over"),
        ("s9", "rejected", "low_rating"),
        ("s10", "blocked", "api_error"),
        ("s12", "escalated_to_human", "agent_took_over"),
        ("s11", "open", "still_active"),
    ]


def test_attributes_of_single_sessions(golden):
    [s1, s12, s4] = golden(
        """
        select session_id, intent, duration_seconds, user_turns_count, ai_turns_count, fallback_turns_count,
               avg_ai_response_time_ms, first_ai_response_time_ms, token_cost_amount, unpriced_usages_count,
               wait_seconds, escalation_reason, escalation_severity, escalation_keyword, agent_messages_count
        from marts.fct_sessions where session_id in ('s1', 's4', 's12') order by session_id
        """
    )
    # (600 × 0.02 + 400 × 0.005 + 500 × 0.06) / 1000 = 0.044
    assert s1 == s1 | {"intent": "delivery", "duration_seconds": 120, "unpriced_usages_count": 1}
    assert s1["token_cost_amount"] == Decimal("0.044000")
    # Taken over before the escalation: nobody waited.
    assert s12["wait_seconds"] is None
    # Last event 10:20, started 9:50.
    assert s4 == s4 | {
        "duration_seconds": 1800,
        "user_turns_count": 1,
        "ai_turns_count": 2,
        "fallback_turns_count": 1,
        "avg_ai_response_time_ms": 1000,
        "first_ai_response_time_ms": 500,
        "wait_seconds": 150,
        "escalation_reason": "angry",
        "escalation_severity": "high",
        "escalation_keyword": "refund",
        "agent_messages_count": 1,
    }


def test_day_of_ten_sessions(golden):
    """Escalated s4 s5; engaged, involved s1 s2 s3 s4 s8 s9; contained s1 s2 s3 s7 s9 s10; by tool s1 s2 s3.

    AI response: 1.0 + 3.0 + 2.0 + 0.5 + 1.5 + 0.7 + 1.0 + 1.0 = 10.7 s over 8. Automation 6 / 9 × 2 / 6.
    """
    [day] = golden("select * from marts.ai_resolution_daily where session_date = '2026-10-05'")
    assert day == day | {
        "started_sessions_count": 10,
        "running_sessions_count": 0,
        "sessions_count": 9,
        "escalated_sessions_count": 2,
        "ai_resolved_sessions_count": 7,
        "valid_count": 9,
        "valid_escalated_count": 2,
        "involved_count": 6,
        "contained_count": 6,
        "engaged_count": 6,
        "tool_resolved_count": 3,
        "timed_ai_turns_count": 8,
        "ai_response_time_ms_total": 10_700,
        "cost_saving_amount": 70,
        "standard_cost_saving_amount": 20,
        "uncosted_sessions_count": 0,
        "is_final": True,
    }
    assert day == day | rates(
        ai_resolution_rate="0.777778",
        escalation_rate="0.222222",
        resolution_rate_strict="0.166667",
        resolution_rate_standard="0.333333",
        containment_rate="0.666667",
        tool_resolution_rate="0.333333",
        abandonment_rate="0.166667",
        automation_rate="0.222222",
        avg_ai_response_time_ms="1337.500000",
    )


def test_response_times_of_the_days_and_of_the_month(golden):
    """500 700 1000 1000 1000 1500 2000 3000: of 8, p90 is at 0.9 × 7 = 6.3, between 2000 and 3000, and p95 at 6.65.

    s12 on the 31st has 1000. The month has 9, of which p90 is at 0.9 × 8 = 7.2, between 2000 and 3000 too, p95 at 7.6.
    """
    rows = golden(
        "select period_type, period_start::text, timed_ai_turns_count, avg_ai_response_time_ms,"
        " p50_ai_response_time_ms, round(p90_ai_response_time_ms) as p90, round(p95_ai_response_time_ms) as p95"
        " from marts.ai_response_times where tenant_id = 'default' order by 1, 2"
    )
    day, last = (8, Decimal("1337.5"), 1000, 2300, 2650), (1, 1000, 1000, 1000, 1000)
    assert [tuple(row.values()) for row in rows] == [
        ("day", "2026-10-05", *day),
        ("day", "2026-10-31", *last),
        ("month", "2026-10-01", 9, 1300, 1000, 2200, 2600),
        ("week", "2026-10-05", *day),
        ("week", "2026-10-26", *last),
    ]


def test_the_same_day_by_intent_and_the_weeks_of_the_month(golden):
    """Only s1 has an intent. October 5th is a Monday; the 31st, with s11 and s12, is in the week from the 26th."""
    rows = golden(
        "select period_type, period_start::text, dimension, dimension_value, sessions_count, ai_resolution_rate"
        " from marts.ai_resolution_rates"
        " where tenant_id = 'default' and (period_type = 'week' or period_start < '2026-10-06')"
        " and dimension in ('all', 'intent') and (period_type, dimension) not in (('week', 'intent'), ('day', 'all'))"
        " order by 1, 2, 3, 4"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("day", "2026-10-05", "intent", "(not logged)", 8, Decimal("0.750000")),
        ("day", "2026-10-05", "intent", "delivery", 1, 1),
        ("month", "2026-10-01", "all", "all", 11, Decimal("0.727273")),
        ("month", "2026-10-01", "intent", "(not logged)", 10, Decimal("0.700000")),
        ("month", "2026-10-01", "intent", "delivery", 1, 1),
        ("week", "2026-10-05", "all", "all", 9, Decimal("0.777778")),
        ("week", "2026-10-26", "all", "all", 2, Decimal("0.500000")),
    ]


def test_what_lasted_and_what_the_conversations_of_the_day_cost(golden):
    """s1 and s2 are resolved and nobody came back. Nine of ten sessions are no tests, each of another customer.

    Tokens 0.044, and some without a price, both in s1; a human came in s4 and s8, 10 each: 20.044 / 9 = 2.227111.
    """
    [day] = golden("select * from marts.ai_resolution_daily where session_date = '2026-10-05'")
    assert day == day | {
        "resolutions_count": 2,
        "mature_168h_count": 2,
        "durable_168h_count": 2,
        "identified_count": 9,
        "repeated_count": 0,
        "incompletely_costed_count": 1,
        "sessions_human_cost_amount": 20,
    }
    assert day == day | rates(
        resolution_rate_durable_168h="1",
        repeat_contact_rate="0",
        sessions_cost_amount="20.044",
        avg_cost_per_conversation_amount="2.227111",
    )


def test_usage_of_the_day_against_the_plan(golden):
    """3,000 prompt and 500 completion tokens in five days, of 50 million; a workflow, and a test that was paid for."""
    [day] = golden("select * from marts.billing_usage_daily")
    assert day == day | {
        "usages_count": 3,
        "month_to_date_tokens": 3_500,
        "days_elapsed": 5,
        "plan": "standard",
        "unpriced_usages_count": 1,
        "run_out_date": None,
    }
    assert day == day | rates(used_share="0.000070", days_left="71423.571429", token_cost_amount="0.049")
    rows = golden("select resource_name, calls_count from marts.billing_usage_by_resource_daily order by 1")
    assert [tuple(row.values()) for row in rows] == [
        ("assistant-large", 2),
        ("no-such-model", 1),
        ("policy", 3),
    ]


def test_last_day_is_provisional_while_a_session_runs_and_lines_may_come(golden):
    """as_of is 0:00 after the 31st, lateness 24 hours: of the other tenant, the 30th is just final, the 31st is not."""
    rows = golden(
        "select tenant_id, session_date::text, open_count, running_sessions_count, is_final"
        " from marts.ai_resolution_daily where session_date > '2026-10-05' order by 1, 2"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("default", "2026-10-31", 1, 1, False),
        ("other", "2026-10-30", 0, 0, True),
        ("other", "2026-10-31", 0, 0, False),
    ]
    marts = {
        "ai_agent_usage_daily": "routing", "ai_interrupts_daily": "interrupt", "api_health_hourly": "call",
        "ai_tool_usage_daily": "call", "query_performance_daily": "query", "intent_mix_daily": "session",
        "escalation_mix_daily": "session", "satisfaction_daily": "session", "claim_reconciliation": "claim",
        "quality_summary_daily": "session", "billing_usage_daily": "usage", "billing_usage_by_resource_daily": "usage",
    }  # fmt: skip
    days = " union ".join(
        f"select '{mart}' as mart, is_final from marts.{mart}"
        f" where tenant_id = 'default' and {date}_date = '2026-10-{day}'"
        for mart, date in marts.items()
        for day in ("05", "31")
    )
    told = {tuple(row.values()) for row in golden(days)}
    assert {mart for mart, is_final in told if is_final} == set(marts)
    assert {"satisfaction_daily", "quality_summary_daily"} <= {mart for mart, is_final in told if not is_final}


def test_nothing_personal_reaches_a_mart_but_texts_that_are_captured_and_masked(golden):
    assert golden(f"select count(*) as n from raw.events where payload::text like '%{CANARY}%'") != [{"n": 0}]
    marts = [
        row["table_name"]
        for row in golden("select table_name from information_schema.tables where table_schema = 'marts'")
    ]
    assert len(marts) > 20
    found = [
        mart
        for mart in marts
        if golden(
            f'select 1 from marts."{mart}" as rows'
            f" where (to_jsonb(rows) - 'masked_text')::text like '%{CANARY}%' limit 1"
        )
    ]
    assert found == []
