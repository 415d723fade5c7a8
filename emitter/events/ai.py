"""AI operations: calls, errors, tokens, routings, tools, interrupts."""

from typing import Literal

from ._base import Event, FreeText, Id, Integer


class ApiCozeCall(Event, tag="api.coze_call"):
    """A workflow of the AI platform was called."""

    session_id: Id
    workflow_id: str
    response_time_ms: Integer
    success: bool


class ApiError(Event, tag="api.error"):
    """A call to an API failed with an error."""

    endpoint: str
    error_type: str
    error_message: FreeText
    session_id: Id | None = None


class AiTokenUsage(Event, tag="ai.token_usage"):
    """Tokens that one model call used. `cached_tokens` is a part of `prompt_tokens`."""

    session_id: Id
    model: str
    prompt_tokens: Integer
    completion_tokens: Integer
    cached_tokens: Integer | None = None
    provider: str | None = None
    workflow_id: str | None = None


class AiRoute(Event, tag="ai.route"):
    """The router chose an AI sub-agent, `agent_name`."""

    session_id: Id
    agent_name: str
    reason: str | None = None


class AiToolCall(Event, tag="ai.tool_call"):
    """The AI called a tool."""

    session_id: Id
    tool_name: str
    success: bool
    response_time_ms: Integer | None = None
    error_type: str | None = None


class AiInterrupt(Event, tag="ai.interrupt"):
    """The AI stopped for a human decision, or got it."""

    session_id: Id
    interrupt_id: Id
    status: Literal["requested", "approved", "rejected", "expired"]
    action: str | None = None
    decided_by: str | None = None
