"""How older emitters wrote what the contract names otherwise today."""

from typing import Any

from msgspec import to_builtins

from emitter import Event

_ALIASES = {
    "agent.session_message": "message.agent",
    "agent.session_transfer": "session.transfer",
    "query.order": "order.query",
    "query.tracking": "tracking.query",
}


def as_outdated(event: Event) -> tuple[str, dict[str, Any]] | None:
    """Name and fields of an event as older emitters wrote it; None where they wrote it as it is now."""
    fields = to_builtins(event)
    name = fields.pop("event")
    if name == "session.message":
        return f"message.{fields.pop('role')}", fields
    return (_ALIASES[name], fields) if name in _ALIASES else None
