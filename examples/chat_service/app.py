"""The service: ``uvicorn examples.chat_service.app:app``."""

from fastapi import FastAPI

from emitter.web import EventContext

from . import chat, tickets, workbench

app = FastAPI(title="Chat service", summary="Scripted support chat, logged as events")
# One installation may serve many tenants: whoever stands before it says for whom a request is.
app.add_middleware(
    EventContext, fields=lambda scope: {"tenant_id": dict(scope["headers"]).get(b"x-tenant", b"").decode() or None}
)
app.include_router(chat.router)
app.include_router(workbench.router)
app.include_router(tickets.router)


@app.get("/health")
async def health() -> dict[str, str]:
    """Whether the service is there, and its events come into files."""
    found = chat.log.health()
    return {"status": "ok", "events": "ok" if found is None or found.error is None else found.error}
