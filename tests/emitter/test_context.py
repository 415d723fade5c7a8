"""What a request has in common: bound once, on every line of it, and on no line of another."""

import asyncio
import threading
from contextvars import copy_context

import httpx
import pytest
from fastapi import BackgroundTasks, FastAPI
from flask import Flask

from emitter import (
    AgentLogin,
    ApiCozeCall,
    ApiError,
    SessionMessage,
    SessionStart,
    bind,
    bound,
    close_logger,
    get_logger,
    in_context,
)
from emitter.events import event_name
from emitter.testing import capture
from emitter.web import EventContext, WsgiEventContext


def test_bound_tenant_is_that_of_all_events_but_those_that_say_another(log):
    with bind(tenant_id="acme"):
        log.emit(SessionStart(session_id="s1", channel="web"))
        log.info(SessionStart(session_id="s1", channel="web"), extra={"tenant_id": "globex"})
        log.logger.warning("session.start")
        with bind(tenant_id="initech"):
            log.emit("session.start")
        log.emit("session.start", tenant_id="globex")
    log.emit("session.start")
    assert [line["tenant_id"] for line in log.lines()] == ["acme", "globex", "acme", "initech", "globex", "default"]


def test_bound_fields_fill_what_the_event_has_and_the_call_left_out(log):
    with bind(session_id="s1", tenant_id="acme", region="eu"):
        log.info("session.message", extra={"role": "user", "message_length": 1})
        log.emit(SessionMessage(session_id="mine", role="ai", message_length=2))
        log.emit(ApiError(endpoint="/", error_type="x", error_message="y"))
        log.emit(AgentLogin(agent_id="a1", agent_name="Chen"))
        log.info("no.such_event")
        log.emit(in_context(SessionMessage, role="ai", message_length=3))
        log.emit(in_context(SessionMessage, session_id="mine", role="ai", message_length=3))
    lines = log.lines()
    assert [line.get("session_id") for line in lines] == ["s1", "mine", "s1", None, "s1", "s1", "mine"]
    assert [line.get("region") for line in lines] == [None, None, None, None, "eu", None, None]
    assert {line["tenant_id"] for line in lines} == {"acme"}


def test_what_is_bound_is_of_one_task_or_thread(log):
    async def turn(session_id: str) -> None:
        with bind(session_id=session_id):
            for _ in range(3):
                await asyncio.sleep(0)
                log.emit("session.message", extra={"expected": session_id})

    async def turns() -> None:
        await asyncio.gather(*[turn(f"s{number}") for number in range(5)])

    asyncio.run(turns())
    with bind(session_id="s1"):
        thread = threading.Thread(target=lambda: log.emit("session.message", extra={"expected": None}))
        thread.start()
        thread.join()
    lines = log.lines()
    assert len(lines) == 16
    assert [line.get("session_id") for line in lines] == [line["expected"] for line in lines]
    assert bound() == {}


def test_timed_block_says_how_long_it_took_and_whether_it_succeeded(log):
    with log.logger.timed(ApiCozeCall, session_id="s1", workflow_id="w1"):
        sum(range(200_000))
    with pytest.raises(KeyError), log.logger.timed(ApiCozeCall, session_id="s1", workflow_id="w1"):
        raise KeyError
    with bind(session_id="s2"), log.logger.timed(ApiCozeCall, workflow_id="w1") as call:
        call.set(success=False, response_time_ms=7)
    first, second, third = log.lines()
    assert (first["success"], 1 <= first["response_time_ms"] < 10_000, "error_type" in first) == (True, True, False)
    assert (second["success"], second["session_id"]) == (False, "s1")
    assert (third["success"], third["session_id"], third["response_time_ms"]) == (False, "s2", 7)


def test_timed_block_names_the_error_where_the_event_has_a_place_for_it(log):
    from emitter import AiToolCall

    with pytest.raises(TimeoutError), log.logger.timed(AiToolCall, session_id="s1", tool_name="t"):
        raise TimeoutError("no answer for jane@example.com")
    assert (log.last()["error_type"], log.last()["success"], "jane" in str(log.last())) == (
        "TimeoutError",
        False,
        False,
    )


@pytest.fixture
def web():
    yield get_logger("web")
    close_logger("web")


def test_asgi_middleware_binds_for_a_request_and_its_background_tasks(web):
    app = FastAPI()
    app.add_middleware(EventContext, fields=lambda scope: {"tenant_id": dict(scope["headers"])[b"x-tenant"].decode()})

    @app.post("/{session_id}")
    async def answer(session_id: str, later: BackgroundTasks) -> dict[str, str]:
        with bind(session_id=session_id):
            web.emit(in_context(SessionMessage, role="user", message_length=1))
            await asyncio.sleep(0)
            web.emit(in_context(SessionMessage, role="ai", message_length=1))
        later.add_task(web.emit, AgentLogin(agent_id=session_id, agent_name="Chen"))
        return {}

    async def ask() -> list[int]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test") as client:
            answers = await asyncio.gather(
                *[client.post(f"/s{number}", headers={"x-tenant": f"t{number}"}) for number in range(5)],
                client.post("/s9"),
            )
        return [answer.status_code for answer in answers]

    with capture("web") as events:
        assert asyncio.run(ask()) == [200] * 6
    found = {(line["tenant_id"], line.get("session_id") or line["agent_id"]) for line in events.lines}
    # The last request has no such header: it is answered, and its lines are those of the default tenant.
    assert found == {*((f"t{number}", f"s{number}") for number in range(5)), ("default", "s9")}
    assert len(events.lines) == 18


def test_wsgi_middleware_binds_until_the_answer_is_closed(web):
    app = Flask("test")
    app.wsgi_app = WsgiEventContext(app.wsgi_app, fields=lambda environ: {"session_id": environ.get("HTTP_X_SESSION")})

    @app.get("/")
    def answer():
        web.emit(in_context(SessionMessage, role="user", message_length=1))

        def pieces():
            web.emit(in_context(SessionMessage, role="ai", message_length=1))
            yield "piece"

        return pieces()

    with capture("web") as events:
        for session_id in ("s1", "s2"):
            assert app.test_client().get("/", headers={"x-session": session_id}).text == "piece"
    assert [line["session_id"] for line in events.lines] == ["s1", "s1", "s2", "s2"]
    assert bound() == {}


def test_block_that_is_left_in_another_context_does_not_raise():
    block = bind(session_id="s1")
    copy_context().run(block.__enter__)
    block.__exit__(None, None, None)
    assert bound() == {}


def test_timed_block_without_a_required_field_is_an_event_for_the_dead_letters(log):
    with log.logger.timed(ApiCozeCall, workflow_id="w1"):
        pass
    assert (log.last()["event"], log.last()["workflow_id"], "session_id" in log.last()) == (
        event_name(ApiCozeCall), "w1", False,
    )  # fmt: skip


def test_fields_of_a_request_whose_names_are_no_text_do_not_stop_it():
    async def app(scope, receive, send) -> None:
        found.append(bound())

    found = []
    scope = {"type": "http", "headers": [(b"x-tenant", b"acme")]}
    asyncio.run(EventContext(app, lambda scope: dict(scope["headers"]))(scope, None, None))
    assert found == [{}]
