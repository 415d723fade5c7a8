"""What the log tells hangs together: nobody does what they cannot do."""

from collections import Counter, defaultdict
from datetime import datetime

AGENT_WORK = (
    "agent.heartbeat",
    "agent.session_takeover",
    "agent.session_message",
    "agent.session_note",
    "agent.session_release",
    "agent.session_transfer",
    "agent.status_change",
    "message.agent",
    "session.transfer",
)


def test_agents_act_only_between_login_and_logout(default_run):
    present, forgotten_count = set(), 0
    for event in default_run.named("agent.login", "agent.logout", *AGENT_WORK):
        if event["event"] == "agent.login":
            # Who is still there has not logged out the last time.
            forgotten_count += event["agent_id"] in present
            present.add(event["agent_id"])
        assert event["agent_id"] in present, event
        if event["event"] == "agent.logout":
            present.remove(event["agent_id"])
    assert forgotten_count + len(present) == default_run.record["counts"]["agent_shifts_without_logout"]
    assert 0 < forgotten_count < 0.05 * default_run.record["counts"]["agent_shifts"]


def test_agents_work_on_tickets_only_when_they_are_there(default_run):
    present = set()
    for event in default_run.events:
        if event["event"] == "agent.login":
            present.add(event["agent_id"])
        elif event["event"] == "agent.logout":
            present.remove(event["agent_id"])
        elif event["event"].startswith("ticket.") and "agent_id" in event:
            assert event["agent_id"] in present, event


def test_agents_hold_at_most_two_sessions_and_only_what_they_took(default_run):
    held, most = defaultdict(set), 0
    for event in default_run.named(
        "agent.session_takeover", "agent.session_release", "agent.session_transfer", "session.transfer"
    ):
        mine = held[event["agent_id"]]
        if event["event"] == "agent.session_takeover":
            mine.add(event["session_id"])
            most = max(most, len(mine))
        else:
            mine.remove(event["session_id"])
            assert event.get("target_agent_id") != event["agent_id"]
    assert most == 2
    assert {len(mine) for mine in held.values()} == {0}


def test_agent_status_changes_follow_each_other(default_run):
    status = {}
    for event in default_run.named("agent.login", "agent.status_change"):
        if event["event"] == "agent.login":
            status[event["agent_id"]] = "offline"
            continue
        assert event["from_status"] == status[event["agent_id"]]
        assert event["from_status"] != event["to_status"]
        status[event["agent_id"]] = event["to_status"]
    assert {event["to_status"] for event in default_run.named("agent.status_change")} == {
        "online",
        "busy",
        "away",
        "break",
        "offline",
    }


def test_heartbeats_come_every_five_minutes(default_run):
    beats = defaultdict(list)
    for event in default_run.named("agent.login", "agent.heartbeat"):
        if event["event"] == "agent.login":
            beats[event["agent_id"]] = []
        instant = datetime.fromisoformat(event["timestamp"])
        if event["event"] == "agent.heartbeat":
            before = beats[event["agent_id"]]
            assert not before or (instant - before[-1]).total_seconds() == 300
            before.append(instant)
    assert len(default_run.named("agent.heartbeat")) > 15_000


def test_sessions_begin_with_the_first_message_and_end_until_the_customer_writes_again(demo_run):
    by_session = defaultdict(list)
    for event in demo_run.events:
        if "session_id" in event and not event["event"].startswith(("ticket.", "quality.")):
            by_session[event["session_id"]].append(event["event"])
    firsts = Counter(tuple(events[:2]) for events in by_session.values())
    assert set(firsts) == {("session.start", "session.message"), ("session.start", "message.user")}
    for events in by_session.values():
        if "session.end" in events:
            after = events[events.index("session.end") + 1 :]
            assert [name for name in after if name != "session.summary"][:1] in (
                [],
                ["session.message"],
                ["message.user"],
            )


def test_tickets_move_from_state_to_state(default_run):
    state, priority, assignee = {}, {}, {}
    for event in default_run.events:
        if not event["event"].startswith("ticket."):
            continue
        key = event["ticket_id"]
        match event["event"]:
            case "ticket.created":
                assert key not in state
                state[key], priority[key] = "new", event["priority"]
            case "ticket.assigned":
                assert event.get("from_agent_id") == assignee.get(key)
                assignee[key] = event["to_agent_id"]
            case "ticket.status_changed":
                assert event["from_status"] == state[key] != event["to_status"]
                state[key] = event["to_status"]
            case "ticket.priority_changed":
                assert event["from_priority"] == priority[key] != event["to_priority"]
                priority[key] = event["to_priority"]
            case "ticket.closed":
                assert state[key] == "closed"
    assert set(Counter(state.values())) >= {"new", "open", "solved", "closed"}
    sources = Counter(event["source"] for event in default_run.named("ticket.created"))
    assert set(sources) == {"chat", "email", "web_form", "phone"}


def test_interrupts_are_decided_at_most_once_after_the_request(default_run):
    decisions = {}
    for event in default_run.named("ai.interrupt"):
        if event["status"] == "requested":
            decisions[event["interrupt_id"]] = "pending"
        else:
            assert decisions[event["interrupt_id"]] == "pending"
            decisions[event["interrupt_id"]] = event["status"]
    assert set(decisions.values()) == {"pending", "approved", "rejected", "expired"}


def test_claims_are_mostly_right_and_sometimes_wrong(default_run):
    started = {
        event["session_id"]: datetime.fromisoformat(event["timestamp"])
        for event in default_run.events
        if event["event"] == "session.start"
    }
    turns = Counter(
        event["session_id"]
        for event in default_run.named(
            "session.message", "agent.session_message", "message.user", "message.ai", "message.agent"
        )
    )
    ends = default_run.named("session.end")
    seconds = [
        abs(
            end["duration_seconds"]
            - (datetime.fromisoformat(end["timestamp"]) - started[end["session_id"]]).total_seconds()
        )
        < 0.01
        for end in ends
    ]
    counts = [end["message_count"] == turns[end["session_id"]] for end in ends]
    assert 0.95 < sum(seconds) / len(ends) < 0.99
    assert 0.95 < sum(counts) / len(ends) < 0.99


def test_audits_are_reviewed_after_they_were_made(default_run):
    made = set()
    for event in default_run.named("quality.audit_created", "quality.audit_reviewed"):
        if event["event"] == "quality.audit_created":
            made.add(event["audit_id"])
        assert event["audit_id"] in made
