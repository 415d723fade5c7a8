"""The event classes: the contract's list, their form on a line, and what they accept."""

import msgspec
import pytest

from emitter import (
    ENVELOPE_FIELDS,
    EVENTS,
    AgentSessionTakeover,
    Envelope,
    HubContactPromoted,
    SessionEnd,
    SessionStart,
)

_NAMES = """
session.start session.message session.intent session.feedback session.rating session.escalate session.end
query.order query.tracking
api.coze_call api.error ai.token_usage ai.route ai.tool_call ai.interrupt
agent.login agent.logout agent.status_change agent.heartbeat agent.session_takeover agent.session_message
agent.session_note agent.session_release agent.session_transfer
ticket.created ticket.assigned ticket.status_changed ticket.priority_changed ticket.replied ticket.closed
quality.audit_created quality.audit_reviewed
hub.contact_created hub.contact_promoted hub.contact_blocked hub.message hub.thread_snoozed hub.thread_waiting
hub.thread_resolved hub.trigger_fired hub.trigger_used
"""
CONTRACT = _NAMES.split()


def test_events_are_those_of_the_contract():
    assert sorted(EVENTS) == sorted(CONTRACT)


def test_class_names_follow_the_event_names():
    for name, event_class in EVENTS.items():
        assert event_class.__name__ == "".join(part.title() for part in name.replace("_", ".").split("."))


@pytest.mark.parametrize("is_full", [True, False], ids=["all fields", "required fields"])
@pytest.mark.parametrize("name", CONTRACT)
def test_event_comes_back_from_its_line_as_it_was(log, sample, name, is_full):
    event = sample(EVENTS[name], is_full=is_full)
    log.info(event, extra={"is_not_known": 1})
    (line,) = log.path.read_bytes().splitlines()
    assert log.last()["is_not_known"] == 1
    back = msgspec.json.decode(line, type=EVENTS[name])
    # Captured text is dropped before the line is written.
    if is_full and "text" in EVENTS[name].__struct_fields__:
        event.text = None
    assert back == event
    assert msgspec.json.decode(line, type=Envelope).event == name


@pytest.mark.parametrize("name", CONTRACT)
def test_plain_form_gives_the_same_line_as_the_typed_form(make_log, sample, name):
    event = sample(EVENTS[name])
    typed, plain = make_log("typed"), make_log("plain")
    typed.info(event)
    plain.info(name, extra={field: getattr(event, field) for field in event.__struct_fields__})
    assert plain.path.read_text() == typed.path.read_text().replace("typed", "plain")


def test_one_event_uses_a_name_of_the_envelope_and_keeps_its_meaning(log, sample):
    shared = {name: set(EVENTS[name].__struct_fields__) & set(ENVELOPE_FIELDS) for name in EVENTS}
    assert {name: fields for name, fields in shared.items() if fields} == {"hub.contact_promoted": {"level"}}
    log.info(HubContactPromoted(contact_id="k1", k_code="K1", level="gold"))
    log.info(HubContactPromoted(contact_id="k2", k_code="K2"))
    first, second = log.lines()
    assert first["level"] == "gold"
    assert "level" not in second


def test_optional_fields_are_null_when_absent():
    for event_class in EVENTS.values():
        defaults = event_class.__struct_defaults__
        assert defaults == (None,) * len(defaults)


def test_absent_optional_fields_are_not_written(log):
    log.info(SessionStart(session_id="s1", channel="web"))
    assert set(log.last()) - set(ENVELOPE_FIELDS) == {"session_id", "channel"}


def test_false_and_zero_are_written(log):
    log.info(SessionStart(session_id="s1", channel="web", is_test=False))
    log.info(AgentSessionTakeover(agent_id="a1", session_id="s1", wait_duration_seconds=0))
    assert log.lines()[0]["is_test"] is False
    assert log.lines()[1]["wait_duration_seconds"] == 0


@pytest.mark.parametrize(
    ("event", "field", "value"),
    [
        ("session.message", "message_length", -1),
        ("session.message", "role", "robot"),
        ("session.intent", "confidence", 1.5),
        ("session.rating", "score", 6),
        ("session.rating", "score", 4.5),
        ("session.escalate", "severity", "extreme"),
        ("session.end", "duration_seconds", -0.1),
        ("session.end", "session_id", ""),
        ("ai.token_usage", "prompt_tokens", 2**63),
        ("quality.audit_created", "score", 100.5),
        ("hub.thread_snoozed", "until", "2026-10-01T08:00:00"),
        ("hub.message", "topic", "x" * 201),
    ],
)
def test_values_outside_the_contract_are_refused_by_the_class(sample, event, field, value):
    good = msgspec.to_builtins(sample(EVENTS[event]))
    msgspec.convert(good, EVENTS[event])
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(good | {field: value}, EVENTS[event])


def test_integers_are_good_seconds():
    line = b'{"event":"session.end","session_id":"s","duration_seconds":3,"message_count":0,"resolved_by":"none"}'
    assert msgspec.json.decode(line, type=SessionEnd).duration_seconds == 3.0
