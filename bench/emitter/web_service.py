"""The service that is under load: ``python -m bench.emitter.web_service MODE FOLDER PORT``."""

import sys

import uvicorn
from fastapi import FastAPI

from emitter import (
    AiRoute,
    AiTokenUsage,
    ApiCozeCall,
    SessionIntent,
    SessionMessage,
    bind,
    get_logger,
)


def service(mode: str, folder: str) -> FastAPI:
    """A turn of a conversation; in mode ``without`` the events are made and not logged."""
    app = FastAPI()
    if mode == "without":
        log = None
    else:
        log = get_logger(
            "bench", directory=folder, filename="events.jsonl" if mode == "stalled" else None, close_timeout=0.1
        )

    @app.post("/turn")
    async def turn() -> dict[str, str]:
        events = (
            SessionMessage(session_id="s1", role="user", message_length=12),
            SessionIntent(session_id="s1", intent="order_status", confidence=0.9),
            AiRoute(session_id="s1", agent_name="orders"),
            AiTokenUsage(session_id="s1", model="m", prompt_tokens=900, completion_tokens=80),
            ApiCozeCall(session_id="s1", workflow_id="w1", response_time_ms=900, success=True),
        )
        if log is not None:
            with bind(tenant_id="acme"):
                for event in events:
                    log.emit(event)
        return {"text": "It is on its way."}

    return app


if __name__ == "__main__":
    uvicorn.run(service(sys.argv[1], sys.argv[2]), port=int(sys.argv[3]), log_level="warning")
