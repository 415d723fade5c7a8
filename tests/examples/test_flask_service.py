"""The Flask example: a request becomes an event of its session."""

from emitter import QueryTracking
from emitter.testing import capture
from examples.flask_service.app import app


def test_question_becomes_an_event_of_its_session():
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
