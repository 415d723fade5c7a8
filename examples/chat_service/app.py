"""The service: ``uvicorn examples.chat_service.app:app``."""

from fastapi import FastAPI

from . import chat, tickets, workbench

app = FastAPI(title="Chat service", summary="Scripted support chat, logged as events")
app.include_router(chat.router)
app.include_router(workbench.router)
app.include_router(tickets.router)


@app.get("/health")
async def health() -> dict[str, str]:
    """Whether the service is there."""
    return {"status": "ok"}
