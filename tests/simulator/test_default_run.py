"""What the default run and that of the demo hold: every event, plausible figures, and counts that are true."""

import json
from collections import Counter, defaultdict
from datetime import datetime, timedelta, timezone
from statistics import mean, median

import msgspec
import pytest

from emitter import EVENTS, Envelope

ALIASES = {"message.user", "message.ai", "message.agent", "order.query", "tracking.query", "session.transfer"}
#: Fields, and values of fields, that no line of the world has, each with the reason.
NEVER_WRITTEN = {
    ("session.message", "text"): "what people write is captured only where a product asks for it",
    ("agent.session_message", "text"): "what people write is captured only where a product asks for it",
    ("ticket.status_changed", "from_status", "closed"): "a closed ticket stays closed",
    ("ticket.status_changed", "to_status", "new"): "a ticket is new once",
}
SHANGHAI = timezone(timedelta(hours=8))


def _local(event) -> datetime:
    return datetime.fromisoformat(event["timestamp"]).astimezone(SHANGHAI)


def test_every_event_of_the_contract_occurs(default_run):
    assert set(EVENTS) - {event["event"] for event in default_run.events} == set()


def test_every_optional_field_and_every_allowed_value_occurs_but_those_that_cannot(default_run):
    written = defaultdict(set)
    for event in default_run.events:
        for field, value in event.items():
            written[event["event"], field].add(value if isinstance(value, str) else None)
    missing = set()
    for name, event_type in EVENTS.items():
        for field in msgspec.inspect.type_info(event_type).fields:
            found = written[name, field.encode_name]
            if not found:
                missing.add((name, field.encode_name))
            missing |= {(name, field.encode_name, value) for value in _allowed_values(field.type) - found if found}
    assert missing == set(NEVER_WRITTEN)


def _allowed_values(field_type) -> set[str]:
    types = field_type.types if isinstance(field_type, msgspec.inspect.UnionType) else (field_type,)
    return {value for each in types if isinstance(each, msgspec.inspect.LiteralType) for value in each.values}


def test_names_outside_the_contract_are_the_aliases_and_one_unknown_event(default_run, demo_run):
    assert {event["event"] for event in default_run.events} == set(EVENTS)
    assert {event["event"] for event in demo_run.events} - set(EVENTS) == {*ALIASES, "session.summary"}


def test_every_line_of_the_world_fits_the_contract(demo_run):
    for event in demo_run.events:
        msgspec.convert(event, Envelope)
        if event["event"] in EVENTS:
            msgspec.convert(event, EVENTS[event["event"]])


def test_one_unknown_field_occurs_and_no_other(demo_run):
    unknown = Counter()
    for event in demo_run.events:
        if event["event"] in EVENTS:
            known = {*Envelope.__struct_fields__, *EVENTS[event["event"]].__struct_fields__}
            unknown.update((event["event"], field) for field in set(event) - known)
    assert set(unknown) == {("session.start", "referrer")}


@pytest.mark.parametrize("world", ["default_run", "demo_run"])
def test_record_counts_what_the_files_hold(world, request):
    run = request.getfixturevalue(world)
    counts, events = run.record["counts"], Counter(event["event"] for event in run.events)
    assert run.record["lines"] == {name: len(lines) for name, lines in run.raw_lines.items()}
    assert counts["lines"] == sum(map(len, run.raw_lines.values()))
    assert run.record["events"] == dict(events)
    assert counts["events"] == len(run.events)
    assert counts["sessions"] == events["session.start"]
    assert counts["sessions_escalated"] == len({event["session_id"] for event in run.named("session.escalate")})
    ended = {event["session_id"] for event in run.named("session.end")}
    assert counts["sessions_without_end"] == events["session.start"] - len(ended)
    assert counts["tickets"] == events["ticket.created"]
    assert counts["tickets_closed"] == events["ticket.closed"]
    assert counts["agent_shifts"] == events["agent.login"]
    assert counts["agent_shifts_without_logout"] == events["agent.login"] - events["agent.logout"]
    # A contact may have several.
    assert counts["threads"] == len({event["thread_id"] for event in run.named("hub.message")})
    assert counts["threads"] > events["hub.contact_created"]
    assert counts["aliases"] == sum(events[name] for name in ALIASES)
    assert counts["sessions_test"] == sum(event.get("is_test", False) for event in run.named("session.start"))
    rejected = [event for event in run.named("session.escalate") if event.get("accepted") is False]
    assert counts["sessions_escalation_rejected"] == len(rejected)
    taken = {event["session_id"] for event in run.named("agent.session_takeover")}
    assert counts["sessions_with_agent"] == len(taken)


def test_lines_are_events_and_duplicates_and_malformed_ones(demo_run):
    counts = demo_run.record["counts"]
    assert counts["lines"] == counts["events"] + counts["duplicates"] + counts["malformed"]
    seen_in = {}
    duplicates = Counter()
    for name, lines in sorted(demo_run.raw_lines.items(), key=lambda item: item[0].endswith("-resent.jsonl")):
        for line in lines:
            if b'"emitter_id"' in line:
                key = json.loads(line)["event_id"]
                if key in seen_in:
                    duplicates["same" if seen_in[key] == name else "other"] += 1
                seen_in.setdefault(key, name)
    assert duplicates == {"same": counts["duplicates_in_same_file"], "other": counts["duplicates_in_other_file"]}
    assert min(duplicates.values()) > 0


def test_malformed_lines_are_extra_lines_of_every_kind(demo_run):
    assert set(demo_run.record["malformed"]) == {
        "blank",
        "half_a_character",
        "huge_number",
        "impossible_timestamp",
        "invalid_utf8",
        "missing_field",
        "no_event",
        "not_an_object",
        "not_json",
        "nul_escape",
        "raw_nul",
        "timestamp_without_offset",
        "too_deep",
        "truncated_json",
        "unknown_role",
        "wrong_type",
    }
    lines = [line for lines in demo_run.raw_lines.values() for line in lines if b'"emitter_id"' not in line]
    assert len(lines) == demo_run.record["counts"]["malformed"]
    for line in lines:
        # What the contract does not refuse, the database does.
        assert _breaks_the_contract(line) or b"\\u0000" in line or b"1e200000" in line, line


def _breaks_the_contract(line: bytes) -> bool:
    try:
        envelope = msgspec.json.decode(line, type=Envelope)
        msgspec.json.decode(line, type=EVENTS[envelope.event])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return True
    return False


@pytest.mark.parametrize("world", ["default_run", "demo_run"])
def test_lines_stand_in_the_order_of_time_and_seq_has_no_gaps(world, request):
    seqs = {}
    for name, lines in request.getfixturevalue(world).raw_lines.items():
        if name in request.getfixturevalue(world).faulty_files:
            continue
        written = [json.loads(line) for line in lines if b'"emitter_id"' in line]
        emitter = written[0]["emitter_id"]
        firsts = list({event["event_id"]: event for event in reversed(written)}.values())[::-1]
        first_seen = sorted(firsts, key=lambda event: event["seq"])
        assert {event["emitter_id"] for event in written} == {emitter}, name
        seqs[emitter] = [event["seq"] for event in first_seen]
        stamps = [event["timestamp"] for event in first_seen]
        assert stamps == sorted(stamps), name
    assert all(seq == list(range(len(seq))) for seq in seqs.values())


def test_nothing_happens_before_the_start_or_long_after_the_end(default_run):
    assert _local(default_run.events[0]) >= datetime(2026, 10, 1, tzinfo=SHANGHAI)
    assert _local(default_run.events[-1]) <= datetime(2026, 10, 31, 4, tzinfo=SHANGHAI)
    starts = default_run.named("session.start")
    assert {_local(event).date().isoformat() for event in starts} == {f"2026-10-{day:02d}" for day in range(1, 31)}


def test_files_are_one_per_product_and_week_and_the_older_ones_packed(default_run, demo_run):
    weeks = ["01.jsonl.gz", "02.jsonl.gz", "03.jsonl.gz", "04.jsonl.gz", "05.jsonl"]
    products = ["agent_workbench", "ai_chatbot", "customer_hub"]
    expected = [f"{product}-week-{week}" for product in products for week in weeks]
    assert sorted(default_run.raw_lines) == sorted(expected)
    assert sorted(demo_run.raw_lines) == sorted([*expected, *demo_run.faulty_files])


def test_record_names_every_file(default_run):
    assert sorted([*default_run.record["files"], "simulation.json"]) == sorted(default_run.contents())
    assert {name.split("/")[0] for name in default_run.record["files"]} == {"logs", "parameters", "truth"}


def test_truth_of_what_happened_is_told_apart_only_where_the_logs_veil_it(default_run, demo_run):
    for run in (default_run, demo_run):
        assert not (run.path / "truth" / "happened").exists()


def test_sessions_are_some_200_a_day_more_by_day_and_in_the_week(default_run):
    starts = [_local(event) for event in default_run.named("session.start")]
    assert 5700 <= len(starts) <= 6300
    by_date = Counter(start.date() for start in starts)
    weekday = mean(count for day, count in by_date.items() if day.weekday() < 5)
    weekend = mean(count for day, count in by_date.items() if day.weekday() >= 5)
    assert 0.5 < weekend / weekday < 0.75
    by_hour = Counter(start.hour for start in starts)
    assert max(by_hour, key=by_hour.get) in {9, 10, 11, 14, 15}
    assert sum(by_hour[hour] for hour in range(6)) < 0.04 * len(starts)


@pytest.mark.parametrize(
    ("figure", "low", "high"),
    [
        ("escalated", 0.135, 0.155),
        ("taken over after an escalation", 0.75, 0.9),
        ("turned down", 0.05, 0.2),
        ("left waiting", 0.02, 0.1),
        ("taken over without an escalation", 0.004, 0.015),
        ("order queries found", 0.91, 0.95),
        ("tracking queries found", 0.91, 0.95),
        ("with feedback", 0.13, 0.17),
        ("with a rating", 0.085, 0.115),
        ("fallbacks", 0.04, 0.1),
        ("promises kept for tickets", 0.93, 0.97),
        ("transfers of takeovers", 0.04, 0.12),
        ("anonymous", 0.1, 0.3),
        ("test sessions", 0.003, 0.02),
        ("without end", 0.005, 0.03),
    ],
)
def test_share_is_plausible(default_run, figure, low, high):
    assert low <= _shares(default_run)[figure] <= high


def _shares(run) -> dict[str, float]:
    def sessions(*names: str) -> set[str]:
        return {event["session_id"] for event in run.named(*names)}

    starts, closed = run.named("session.start"), run.named("ticket.closed")
    escalations = run.named("session.escalate")
    escalated, taken = sessions("session.escalate"), sessions("agent.session_takeover")
    rejected = {event["session_id"] for event in escalations if event.get("accepted") is False}
    answers = [event for event in run.named("session.message") if event["role"] == "ai"]
    orders, parcels = run.named("query.order"), run.named("query.tracking")
    takeovers = run.named("agent.session_takeover")
    return {
        "escalated": len(escalated) / len(starts),
        "taken over after an escalation": len(escalated & taken) / len(escalated),
        "turned down": len(rejected) / len(escalated),
        "left waiting": len(escalated - taken - rejected) / len(escalated),
        "taken over without an escalation": len(taken - escalated) / len(starts),
        "order queries found": mean(event["success"] for event in orders),
        "tracking queries found": mean(event["success"] for event in parcels),
        "with feedback": len(sessions("session.feedback")) / len(starts),
        "with a rating": len(sessions("session.rating")) / len(starts),
        "fallbacks": mean(event.get("is_fallback", False) for event in answers),
        "promises kept for tickets": mean(event["sla_met"] for event in closed if "sla_met" in event),
        "transfers of takeovers": len(run.named("agent.session_transfer")) / len(takeovers),
        "anonymous": mean("customer_id" not in event for event in starts),
        "test sessions": mean(event.get("is_test", False) for event in starts),
        "without end": 1 - len({event["session_id"] for event in run.named("session.end")}) / len(starts),
    }


def test_waits_and_answers_take_plausible_times(default_run):
    answers = [event["response_time_ms"] for event in default_run.named("session.message") if event["role"] == "ai"]
    assert 1000 < median(answers) < 3000
    waits = [event.get("wait_duration_seconds") for event in default_run.named("agent.session_takeover")]
    assert 20 < mean(wait for wait in waits if wait is not None) < 180
    held = [event["handle_duration_seconds"] for event in default_run.named("agent.session_release")]
    assert 180 < mean(held) < 900


def test_customers_come_back_on_other_days_and_channels(default_run):
    visits = {}
    for event in default_run.named("session.start"):
        if "customer_id" in event:
            visits.setdefault(event["customer_id"], set()).add((_local(event).date(), event["channel"]))
    assert sum(len(each) > 1 for each in visits.values()) > 300
    assert sum(len({channel for _, channel in each}) > 1 for each in visits.values()) > 30
