"""A message of LangChain in a checkpoint: what it is, and the events that it amounts to."""

from typing import Any, Literal

from emitter import AiTokenUsage, AiToolCall, SessionMessage

Kind = Literal["human", "ai", "tool"]
_KINDS: dict[str, Kind] = {"human": "human", "user": "human", "ai": "ai", "assistant": "ai", "tool": "tool"}
_UNKNOWN_MODEL = "unknown"


def kind_of(message: Any) -> Kind | None:
    """Whose message it is; None for what says nothing in a conversation, such as a system prompt."""
    kind = _field(message, "type")
    return _KINDS.get(str(kind if kind is not None else _field(message, "role")))


def key_of(message: Any, position: int) -> str:
    """What names a message within its thread: its id, else its position in the list."""
    found = _field(message, "id")
    return str(found) if found else f"#{position}"


def text_of(message: Any) -> str:
    """The text of a message, of all of its parts."""
    content = _field(message, "content")
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    texts = [part if isinstance(part, str) else _field(part, "text") for part in parts]
    return "".join(text for text in texts if isinstance(text, str))


def calls_of(message: Any) -> dict[str, str]:
    """The tools that a message of the AI calls: names by the id of the call."""
    calls = _field(message, "tool_calls") or []
    return {str(_field(call, "id")): str(_field(call, "name")) for call in calls}


def answered_call(message: Any) -> str:
    """The id of the call that a tool's message answers."""
    return str(_field(message, "tool_call_id"))


def said(thread_id: str, message: Any, response_time_ms: int | None) -> SessionMessage | None:
    """What the customer or the AI said; None where a message has no text, as one that only calls tools."""
    text = text_of(message)
    if not text:
        return None
    is_user = kind_of(message) == "human"
    return SessionMessage(
        session_id=thread_id,
        role="user" if is_user else "ai",
        message_length=len(text),
        response_time_ms=response_time_ms,
        message_id=_text_or_none(_field(message, "id")),
        text=text,
    )


def called(thread_id: str, message: Any, tool_name: str | None, response_time_ms: int | None) -> AiToolCall:
    """What became of the call of a tool."""
    return AiToolCall(
        session_id=thread_id,
        tool_name=str(_field(message, "name") or tool_name or "unknown"),
        success=_field(message, "status") != "error",
        response_time_ms=response_time_ms,
    )


def used(thread_id: str, message: Any) -> AiTokenUsage | None:
    """The tokens that a message of the AI took, where the model told them."""
    usage = _field(message, "usage_metadata")
    prompt, completion = _field(usage, "input_tokens"), _field(usage, "output_tokens")
    if not (isinstance(prompt, int) and isinstance(completion, int)):
        return None
    cached = _field(_field(usage, "input_token_details"), "cache_read")
    about = _field(message, "response_metadata")
    return AiTokenUsage(
        session_id=thread_id,
        model=str(_field(about, "model_name") or _field(about, "model") or _UNKNOWN_MODEL),
        prompt_tokens=prompt,
        completion_tokens=completion,
        cached_tokens=cached if isinstance(cached, int) else None,
        provider=_text_or_none(_field(about, "model_provider")),
    )


def _field(thing: Any, name: str) -> Any:
    """A field of a message, which is an object or, where it could not be made one, a dict."""
    return thing.get(name) if isinstance(thing, dict) else getattr(thing, name, None)


def _text_or_none(value: Any) -> str | None:
    return str(value) if value else None
