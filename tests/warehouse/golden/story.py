"""The lines of two hand-written days, small enough to check with a pencil.

Times are local (Shanghai). `as_of` is midnight after October 31st.

October 5th, ten sessions:

| session | what happens | outcome |
|---|---|---|
| s1 | answered in 1.0 s, order found, tokens, said to be helpful | confirmed_resolved |
| s2 | answered in 3.0 s, parcel not found, tool worked | assumed_resolved |
| s3 | answered in 2.0 s, parcel found, asked again, silence | abandoned |
| s4 | fallback 0.5 s, answer 1.5 s, order found, escalated 10:00 and 10:01, held by a1 and a2 | escalated_to_human |
| s5 | fallback, escalated, refused | escalation_failed |
| s6 | a test: answered in 9.0 s, order not found, tokens, an agent for an hour and a half | invalid |
| s7 | fallback 0.7 s | unanswered |
| s8 | answered in 1.0 s, a1 steps in for 60 s unasked | human_takeover |
| s9 | answered in 1.0 s, order not found, rated 1 | rejected |
| s10 | an API error instead of an answer | blocked |

In s4, a1 takes over at 10:02:30 and transfers at 10:10; a2 takes over at 10:11 and releases at 10:20.

October 31st: s11 asks at 23:50 and waits (open); s12 is taken over at 23:00, escalated at 23:01, ended at 23:05.

The tenant `other`, which no seed knows, has one answered session on the 30th and one on the 31st.
"""

import json
from decimal import Decimal

CANARY = "CANARY-7f3a"


def log_lines() -> list[str]:
    lines: list[str] = []

    def add(local: str, event: str, **fields: object) -> None:
        day, clock = local.split(" ")
        clock = clock if clock.count(":") == 2 else f"{clock}:00"
        envelope = {
            "event": event,
            "event_id": f"e{len(lines):03}",
            "timestamp": f"2026-10-{day}T{clock}+08:00",
            "product": "golden",
            "emitter_id": "golden",
            "seq": len(lines),
        }
        lines.append(json.dumps(envelope | fields))

    def turn(local: str, session: str, role: str, milliseconds: int | None = None, **fields: object) -> None:
        add(
            local, "session.message", session_id=session, role=role, message_length=5,
            response_time_ms=milliseconds, text=CANARY, **fields,
        )  # fmt: skip

    def session(local: str, name: str, *, tenant_id: str = "default", **fields: object) -> None:
        add(
            local, "session.start", session_id=name, channel="web", customer_id=f"{CANARY}-{name}",
            tenant_id=tenant_id, **fields,
        )  # fmt: skip
        turn(local, name, "user", tenant_id=tenant_id)

    def order(local: str, name: str, success: bool) -> None:
        add(
            local, "query.order", session_id=name, order_number=CANARY, site="cn", success=success,
            response_time_ms=200,
        )  # fmt: skip

    def parcel(local: str, name: str, success: bool) -> None:
        add(local, "query.tracking", session_id=name, tracking_number=CANARY, carrier="sf", success=success)

    def tokens(local: str, name: str, model: str, prompt: int, cached: int, completion: int) -> None:
        add(
            local, "ai.token_usage", session_id=name, model=model,
            prompt_tokens=prompt, cached_tokens=cached, completion_tokens=completion,
        )  # fmt: skip

    session("05 09:00", "s1")
    add("05 09:00:10", "session.intent", session_id="s1", intent="refund")
    turn("05 09:00:20", "s1", "ai", 1000)
    add("05 09:00:30", "session.intent", session_id="s1", intent="delivery")
    order("05 09:00:40", "s1", success=True)
    tokens("05 09:00:50", "s1", "assistant-large", 1000, 400, 500)
    tokens("05 09:00:55", "s1", "no-such-model", 1000, 0, 0)
    add("05 09:01", "session.feedback", session_id="s1", helpful=True)
    add("05 09:02", "session.end", session_id="s1", duration_seconds=120, message_count=2, resolved_by="ai")

    session("05 09:10", "s2")
    parcel("05 09:10:10", "s2", success=False)
    add("05 09:10:20", "ai.tool_call", session_id="s2", tool_name="calendar", success=True)
    turn("05 09:10:30", "s2", "ai", 3000)

    session("05 09:20", "s3")
    parcel("05 09:20:10", "s3", success=True)
    turn("05 09:20:20", "s3", "ai", 2000)
    turn("05 09:20:30", "s3", "user")

    session("05 09:50", "s4")
    turn("05 09:50:10", "s4", "ai", 500, is_fallback=True)
    turn("05 09:50:20", "s4", "ai", 1500)
    order("05 09:50:30", "s4", success=True)
    add("05 10:00", "session.escalate", session_id="s4", reason="angry", severity="high", trigger_keyword="refund")
    add("05 10:01", "session.escalate", session_id="s4", reason="waiting", severity="low")
    add("05 10:02:30", "agent.session_takeover", session_id="s4", agent_id="a1")
    add("05 10:03", "agent.session_message", session_id="s4", agent_id="a1", message_length=9, text=CANARY)
    add("05 10:10", "agent.session_transfer", session_id="s4", agent_id="a1", target_agent_id="a2")
    add("05 10:11", "agent.session_takeover", session_id="s4", agent_id="a2")
    add("05 10:20", "agent.session_release", session_id="s4", agent_id="a2")

    session("05 10:30", "s5")
    turn("05 10:30:10", "s5", "ai", is_fallback=True)
    add("05 10:31", "session.escalate", session_id="s5", reason="no_answer", severity="low", accepted=False)

    session("05 11:00", "s6", is_test=True)
    turn("05 11:00:10", "s6", "ai", 9000)
    order("05 11:00:20", "s6", success=False)
    tokens("05 11:00:30", "s6", "assistant-large", 1000, 5000, 0)
    add("05 11:01", "agent.session_takeover", session_id="s6", agent_id="a1")
    add("05 12:31", "agent.session_release", session_id="s6", agent_id="a1")

    session("05 14:00", "s7")
    turn("05 14:00:10", "s7", "ai", 700, is_fallback=True)

    session("05 14:10", "s8")
    turn("05 14:10:10", "s8", "ai", 1000)
    add("05 14:11", "agent.session_takeover", session_id="s8", agent_id="a1")
    add("05 14:12", "agent.session_release", session_id="s8", agent_id="a1")

    session("05 14:20", "s9")
    order("05 14:20:05", "s9", success=False)
    turn("05 14:20:10", "s9", "ai", 1000)
    add("05 14:21", "session.rating", session_id="s9", score=1)

    session("05 14:30", "s10")
    add("05 14:30:05", "api.error", session_id="s10", endpoint="/x", error_type="Timeout", error_message=CANARY)

    # The takeover of this transfer was lost.
    add("05 15:00", "agent.session_transfer", session_id="elsewhere", agent_id="a2", target_agent_id="a1")

    session("31 22:59", "s12")
    turn("31 22:59:10", "s12", "ai", 1000)
    add("31 23:00", "agent.session_takeover", session_id="s12", agent_id="a1")
    add("31 23:01", "session.escalate", session_id="s12", reason="late", severity="low")
    add("31 23:05", "session.end", session_id="s12", duration_seconds=360, message_count=2, resolved_by="human")
    session("31 23:50", "s11")

    for day in ("30", "31"):
        session(f"{day} 12:00", f"other-{day}", tenant_id="other")
        turn(f"{day} 12:01", f"other-{day}", "ai", 1000, tenant_id="other")

    add("05 08:00", "agent.login", agent_id="a1", agent_name=CANARY)
    add("05 17:00", "agent.logout", agent_id="a1", work_duration_minutes=540, sessions_handled=3)
    add("05 09:00", "agent.login", agent_id="a2", agent_name=CANARY)
    add("05 10:00", "agent.login", agent_id="a2", agent_name=CANARY)
    add("05 18:00", "agent.logout", agent_id="a2")

    def ticket(local: str, name: str) -> None:
        add(local, "ticket.created", ticket_id=name, source="chat", type="refund", priority="normal")

    def status(local: str, name: str, before: str, after: str, agent: str | None = None) -> None:
        add(
            local, "ticket.status_changed", ticket_id=name, from_status=before, to_status=after, agent_id=agent
        )  # fmt: skip

    ticket("05 09:00", "t1")
    add("05 09:01", "ticket.assigned", ticket_id="t1", to_agent_id="a1")
    add("05 09:05", "ticket.replied", ticket_id="t1", author="agent", agent_id="a1", is_public=False)
    status("05 09:10", "t1", "new", "open", "a1")
    add("05 09:20", "ticket.replied", ticket_id="t1", author="customer")
    add("05 09:30", "ticket.replied", ticket_id="t1", author="agent", agent_id="a1")
    add("05 09:40", "ticket.priority_changed", ticket_id="t1", from_priority="normal", to_priority="urgent")
    status("05 10:00", "t1", "open", "solved", "a1")
    add("05 11:00", "ticket.closed", ticket_id="t1", resolution_duration_hours=1.0, sla_met=True)
    ticket("05 09:00", "t2")
    status("05 10:00", "t2", "new", "solved")
    status("05 11:00", "t2", "solved", "open")
    add("05 12:00", "ticket.closed", ticket_id="t2", sla_met=False)
    ticket("05 09:00", "t3")
    status("05 09:05", "t3", "new", "open", "a2")
    return lines + operations(len(lines))


def operations(number: int) -> list[str]:
    """What the AI did behind its answers, and audits; lines are numbered from a number on."""
    lines: list[str] = []

    def add(local: str, event: str, **fields: object) -> None:
        day, clock = local.split(" ")
        seq = number + len(lines)
        envelope = {"event": event, "event_id": f"e{seq:03}", "timestamp": f"2026-10-{day}T{clock}+08:00"}
        lines.append(json.dumps(envelope | {"product": "golden", "emitter_id": "golden", "seq": seq} | fields))

    for milliseconds, success in ((100, True), (300, True), (800, False)):
        add(
            "05 09:00:15", "api.coze_call", session_id="s1", workflow_id="policy", response_time_ms=milliseconds,
            success=success,
        )  # fmt: skip
    for clock in ("14:45:00", "15:00:00"):
        add(f"05 {clock}", "api.error", endpoint="/x", error_type="Timeout", error_message=CANARY)
    for name, ai_agent in (("s1", "order-agent"), ("s1", "parcel-agent"), ("s2", "order-agent"), ("s6", "order-agent")):
        clock = {"s1": "09:00:12", "s2": "09:10:12", "s6": "11:00:05"}[name]
        add(f"05 {clock}", "ai.route", session_id=name, agent_name=ai_agent)
    for name, interrupt, status in (
        ("s1", "i1", "requested"), ("s1", "i1", "approved"),
        ("s1", "i2", "requested"), ("s1", "i2", "expired"), ("s1", "i2", "approved"),
        ("s2", "i1", "requested"), ("s2", "i2", "requested"), ("s2", "i2", "rejected"),
        ("s6", "i1", "requested"),
    ):  # fmt: skip
        clock = {"s1": "09:00:16", "s2": "09:10:16", "s6": "11:00:06"}[name]
        add(f"05 {clock}", "ai.interrupt", session_id=name, interrupt_id=interrupt, status=status, action="refund")
    add("06 10:00:00", "quality.audit_created", audit_id="q1", session_id="s1", score=80, issues=["slow", "unclear"])
    for day, score in (("07", 95.5), ("08", 85.5)):
        add(f"{day} 10:00:00", "quality.audit_reviewed", audit_id="q1", reviewer_id=CANARY, final_score=score)
    add("06 10:00:00", "quality.audit_created", audit_id="q2", session_id="s2", score=70.25)
    add("06 10:00:00", "quality.audit_created", audit_id="q3", session_id="s6", score=1)
    return lines


def rates(**numbers: str) -> dict[str, Decimal]:
    return {name: Decimal(number) for name, number in numbers.items()}
