"""The helper for a product's own tests: the product's settings hold, and nothing stays behind."""

from emitter import SessionStart, close_logger, get_logger
from emitter.testing import capture


def test_captured_events_are_masked_timed_and_named_as_the_product_does_it(tmp_path):
    log = get_logger(
        "captured", directory=tmp_path, tenant_id="acme", clock=lambda: 1_790_000_000.0, mask=lambda text: text.upper()
    )
    with capture("captured", strict=False) as events:
        log.emit("api.error", extra={"error_message": "secret"})
    [line] = events.lines
    assert (line["tenant_id"], line["timestamp"][:10], line["error_message"]) == ("acme", "2026-09-21", "SECRET")
    close_logger("captured")
    assert list(tmp_path.iterdir()) == []


def test_product_that_was_not_configured_is_not_afterwards(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with capture("unconfigured") as events:
        get_logger("unconfigured").emit(SessionStart(session_id="s1", channel="web"))
    assert events.names == ["session.start"]
    log = get_logger("unconfigured", tenant_id="acme", directory=tmp_path / "logs")
    assert log.handlers[0].health().path is None
    log.emit(SessionStart(session_id="s1", channel="web"))
    close_logger("unconfigured")
    assert [path.name for path in tmp_path.iterdir()] == ["logs"]
