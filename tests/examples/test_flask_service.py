"""The Flask example: a request becomes an event of its session."""

import importlib

import pytest

from emitter import QueryTracking, close_logger
from emitter.testing import capture


@pytest.fixture
def app(tmp_path, monkeypatch):
    """The application; as a product does, its module configures the logger for the whole process."""
    monkeypatch.setenv("EMITTER_DIRECTORY", str(tmp_path))
    yield importlib.import_module("examples.flask_service.app").app
    close_logger("ai_chatbot")


def test_question_becomes_an_event_of_its_session(app):
    with capture("ai_chatbot") as events:
        client = app.test_client()
        answers = [
            client.get(f"/parcels/{number}", headers={"X-Session": f"s{number}"}).status_code
            for number in ("SF0000000001", "SF0000000009")
        ]
    assert answers == [200, 404]
    found, missing = events.of(QueryTracking)
    assert (found.session_id, found.success, found.status) == ("sSF0000000001", True, "delivered")
    assert (missing.session_id, missing.success, missing.status) == ("sSF0000000009", False, None)
    assert found.response_time_ms is not None
