"""The example service, over HTTP, and the lines that it has logged while it still runs."""

import json
import re
import shlex
from collections import Counter
from pathlib import Path
from string import Template
from typing import Any

import httpx
import msgspec

from emitter import EVENTS, Envelope

README = Path(__file__).resolve().parents[2] / "examples" / "chat_service" / "README.md"


def test_conversation_resolved_by_the_ai_is_logged_line_by_line(chat_service):
    session_id = _start(chat_service, "Where is SO000000002?", customer_id="c-1", site="hk")["session_id"]
    chat_service.post(f"/sessions/{session_id}/messages", {"text": "And TN000000000001?"}, status=200)
    chat_service.post(f"/sessions/{session_id}/feedback", {"helpful": True, "score": 5})
    chat_service.post(f"/sessions/{session_id}/end", {})

    lines = chat_service.lines()
    assert [_brief(line) for line in lines] == [
        ("session.start", {"channel": "web", "customer_id": "c-1", "site": "hk"}),
        ("session.message", {"role": "user", "message_length": 21}),
        ("session.intent", {"intent": "order_status"}),
        ("ai.route", {"agent_name": "order_status-script"}),
        ("query.order", {"order_number": "SO000000002", "site": "hk", "success": True}),
        ("session.message", {"role": "ai", "message_length": 34, "is_fallback": False}),
        ("session.message", {"role": "user", "message_length": 19}),
        ("session.intent", {"intent": "tracking"}),
        ("ai.route", {"agent_name": "tracking-script"}),
        (
            "query.tracking",
            {"tracking_number": "TN000000000001", "carrier": "sf", "success": True, "status": "in_transit"},
        ),
        ("session.message", {"role": "ai", "message_length": 41, "is_fallback": False}),
        ("session.feedback", {"helpful": True}),
        ("session.rating", {"score": 5, "rated": "ai"}),
        ("session.end", {"message_count": 4, "resolved_by": "ai", "end_reason": "completed"}),
    ]
    _check_contract(lines)


def test_fallback_and_escalation_end_with_an_agent(chat_service):
    reply = _start(chat_service, "gibberish")
    assert reply["understood"] is False
    session_id = reply["session_id"]
    chat_service.post(f"/sessions/{session_id}/escalate", {"reason": "repeated_fallback", "severity": "high"})
    chat_service.post("/agents/a-01/login", {"name": "Chen Yun"})
    chat_service.post("/agents/a-01/takeover", {"session_id": session_id})
    chat_service.post("/agents/a-01/messages", {"session_id": session_id, "text": "I am here."})
    held = chat_service.post(f"/sessions/{session_id}/messages", {"text": "Thanks"}, status=200)
    assert held["text"] is None
    chat_service.post("/agents/a-01/release", {"session_id": session_id})
    chat_service.post(f"/sessions/{session_id}/end", {})
    chat_service.post("/agents/a-01/logout")

    lines = chat_service.lines()
    assert [line["event"] for line in lines] == [
        "session.start",
        "session.message",
        "session.message",
        "session.escalate",
        "agent.login",
        "agent.status_change",
        "agent.session_takeover",
        "agent.session_message",
        "session.message",
        "agent.session_release",
        "session.end",
        "agent.status_change",
        "agent.logout",
    ]
    assert lines[2]["is_fallback"] is True
    assert lines[-3]["resolved_by"] == "human"
    assert lines[-3]["message_count"] == 4
    assert lines[-1]["sessions_handled"] == 1
    assert 0 <= lines[6]["wait_duration_seconds"] < 20
    _check_contract(lines)


def test_ticket_goes_from_new_to_closed(chat_service):
    ticket_id = chat_service.post("/tickets", {"agent_id": "a-01", "priority": "urgent"}, status=201)["ticket_id"]
    chat_service.post(f"/tickets/{ticket_id}/replies", {"agent_id": "a-01"})
    chat_service.post(f"/tickets/{ticket_id}/replies", {"author": "customer"})
    chat_service.post(f"/tickets/{ticket_id}/solve", {"agent_id": "a-01"})
    chat_service.post(f"/tickets/{ticket_id}/close")

    lines = chat_service.lines()
    assert [_brief(line) for line in lines] == [
        (
            "ticket.created",
            {"ticket_id": ticket_id, "source": "chat", "type": "general", "priority": "urgent", "agent_id": "a-01"},
        ),
        ("ticket.assigned", {"ticket_id": ticket_id, "to_agent_id": "a-01"}),
        (
            "ticket.status_changed",
            {"ticket_id": ticket_id, "from_status": "new", "to_status": "open", "agent_id": "a-01"},
        ),
        ("ticket.replied", {"ticket_id": ticket_id, "author": "agent", "agent_id": "a-01", "is_public": True}),
        ("ticket.replied", {"ticket_id": ticket_id, "author": "customer", "is_public": True}),
        (
            "ticket.status_changed",
            {"ticket_id": ticket_id, "from_status": "open", "to_status": "solved", "agent_id": "a-01"},
        ),
        ("ticket.status_changed", {"ticket_id": ticket_id, "from_status": "solved", "to_status": "closed"}),
        ("ticket.closed", {"ticket_id": ticket_id, "sla_met": True}),
    ]
    assert 0 <= lines[-1]["resolution_duration_hours"] < 0.02
    _check_contract(lines)


def test_each_product_has_one_file_with_gapless_seq(chat_service):
    session_id = _start(chat_service, "hello")["session_id"]
    chat_service.post("/agents/a-01/login", {"name": "Chen Yun"})
    chat_service.post("/agents/a-01/takeover", {"session_id": session_id})
    chat_service.post("/agents/a-01/logout")
    assert len(list(chat_service.log_directory.glob("*.jsonl"))) == 2
    for product in ("ai_chatbot", "agent_workbench"):
        lines = [line for line in chat_service.lines() if line["product"] == product]
        assert [line["seq"] for line in lines] == list(range(len(lines)))
        assert len({line["emitter_id"] for line in lines}) == 1


def test_requests_that_do_not_fit_are_refused_and_not_logged(chat_service):
    session_id = _start(chat_service, "hello")["session_id"]
    chat_service.post("/agents/a-01/login", {"name": "Chen Yun"})
    chat_service.post(f"/sessions/{session_id}/end", {})
    before = chat_service.lines()
    chat_service.post("/sessions/s-unknown/messages", {"text": "hello"}, status=404)
    chat_service.post(f"/sessions/{session_id}/messages", {"text": "hello"}, status=409)
    chat_service.post(f"/sessions/{session_id}/feedback", {"helpful": "perhaps"}, status=422)
    chat_service.post("/agents/a-01/login", {"name": "Chen Yun"}, status=409)
    chat_service.post("/agents/a-09/logout", status=404)
    chat_service.post("/tickets/t-unknown/close", status=404)
    assert chat_service.lines() == before


def test_readme_conversation_works_as_printed(chat_service):
    variables: dict[str, str] = {}
    commands = re.findall(r"^curl (.*)$", README.read_text(encoding="utf-8"), re.MULTILINE)
    for printed in commands:
        command = Template(printed).substitute(variables)
        words = shlex.split(command)
        assert words[:2] == ["-X", "POST"]
        body = json.loads(words[words.index("--json") + 1]) if "--json" in words else None
        url = words[2].replace("localhost:8000", chat_service.base_url)
        response = httpx.post(url, json=body, timeout=20)
        assert response.is_success, f"{command}: {response.text}"
        answer = response.json() if response.content else {}
        variables |= {key[:-3].upper(): value for key, value in answer.items() if key.endswith("_id")}
    assert len(commands) == 14
    assert Counter(line["event"] for line in chat_service.lines())["ticket.closed"] == 1
    _check_contract(chat_service.lines())


def test_message_text_stays_out_of_the_log(chat_service):
    _start(chat_service, "hello, I am jane@example.com")
    assert "jane" not in json.dumps(chat_service.lines())


def test_health_answers(chat_service):
    assert httpx.get(f"{chat_service.base_url}/health", timeout=20).json() == {"status": "ok", "events": "ok"}


def _start(chat_service, text: str, **fields: str) -> Any:
    return chat_service.post("/sessions", {"text": text, "channel": "web", **fields}, status=201)


def _brief(line: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Event and its own fields, without the envelope, the session's random key and measured times."""
    measured = {"response_time_ms", "duration_seconds", "resolution_duration_hours"}
    hidden = {*Envelope.__struct_fields__, "session_id", *measured}
    return line["event"], {name: value for name, value in line.items() if name not in hidden}


def _check_contract(lines: list[dict[str, Any]]) -> None:
    """Every line fits the envelope and the class of its event, and holds no field that neither knows."""
    assert lines
    for line in lines:
        msgspec.convert(line, Envelope)
        event_class = EVENTS[line["event"]]
        msgspec.convert(
            {k: v for k, v in line.items() if k not in Envelope.__struct_fields__ or k == "event"}, event_class
        )
        unknown = set(line) - set(Envelope.__struct_fields__) - set(event_class.__struct_fields__)
        assert unknown == set(), f"{line['event']}: {unknown}"
