"""The event contract: every event as a typed class, the one source of truth for emitter, loader and warehouse."""

from ._base import Event, event_classes, event_name, personal_fields
from .agents import (
    AgentHeartbeat,
    AgentLogin,
    AgentLogout,
    AgentSessionMessage,
    AgentSessionNote,
    AgentSessionRelease,
    AgentSessionTakeover,
    AgentSessionTransfer,
    AgentStatusChange,
)
from .ai import AiInterrupt, AiRoute, AiTokenUsage, AiToolCall, ApiCozeCall, ApiError
from .envelope import ENVELOPE_FIELDS, SCHEMA_VERSION, Envelope
from .hub import (
    HubContactBlocked,
    HubContactCreated,
    HubContactPromoted,
    HubMessage,
    HubThreadResolved,
    HubThreadSnoozed,
    HubThreadWaiting,
    HubTriggerFired,
    HubTriggerUsed,
)
from .own import EmitterDropped
from .quality import QualityAuditCreated, QualityAuditReviewed
from .queries import QueryOrder, QueryTracking
from .sessions import (
    SessionEnd,
    SessionEscalate,
    SessionFeedback,
    SessionIntent,
    SessionMessage,
    SessionRating,
    SessionStart,
)
from .tickets import (
    TicketAssigned,
    TicketClosed,
    TicketCreated,
    TicketPriorityChanged,
    TicketReplied,
    TicketStatusChanged,
)

#: Every event that a line may hold, by its dotted name.
KNOWN_EVENTS: dict[str, type[Event]] = {event_name(event_class): event_class for event_class in event_classes()}
#: Those that products log: the contract's list.
EVENTS = {name: event_class for name, event_class in KNOWN_EVENTS.items() if event_class is not EmitterDropped}

__all__ = [
    "ENVELOPE_FIELDS",
    "EVENTS",
    "KNOWN_EVENTS",
    "SCHEMA_VERSION",
    "AgentHeartbeat",
    "AgentLogin",
    "AgentLogout",
    "AgentSessionMessage",
    "AgentSessionNote",
    "AgentSessionRelease",
    "AgentSessionTakeover",
    "AgentSessionTransfer",
    "AgentStatusChange",
    "AiInterrupt",
    "AiRoute",
    "AiTokenUsage",
    "AiToolCall",
    "ApiCozeCall",
    "ApiError",
    "EmitterDropped",
    "Envelope",
    "Event",
    "HubContactBlocked",
    "HubContactCreated",
    "HubContactPromoted",
    "HubMessage",
    "HubThreadResolved",
    "HubThreadSnoozed",
    "HubThreadWaiting",
    "HubTriggerFired",
    "HubTriggerUsed",
    "QualityAuditCreated",
    "QualityAuditReviewed",
    "QueryOrder",
    "QueryTracking",
    "SessionEnd",
    "SessionEscalate",
    "SessionFeedback",
    "SessionIntent",
    "SessionMessage",
    "SessionRating",
    "SessionStart",
    "TicketAssigned",
    "TicketClosed",
    "TicketCreated",
    "TicketPriorityChanged",
    "TicketReplied",
    "TicketStatusChanged",
    "event_classes",
    "event_name",
    "personal_fields",
]
