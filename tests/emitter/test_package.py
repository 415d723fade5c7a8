"""What products get: the public names, and what importing them costs."""

import subprocess
import sys

import emitter

EVENT_CLASSES = {
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
}
CONTRACT_HELPERS = {
    "ENVELOPE_FIELDS",
    "EVENTS",
    "KNOWN_EVENTS",
    "EmitterDropped",
    "SCHEMA_VERSION",
    "Envelope",
    "Event",
    "event_classes",
    "event_name",
    "personal_fields",
}
LOGGING = {
    "EventError",
    "EventFileHandler",
    "EventFormatter",
    "EventLogger",
    "Health",
    "Settings",
    "bind",
    "bound",
    "close_logger",
    "get_logger",
    "in_context",
}


def test_public_names_are_these_and_no_others():
    assert sorted(emitter.__all__) == sorted(EVENT_CLASSES | CONTRACT_HELPERS | LOGGING)


def test_public_names_exist():
    assert [name for name in emitter.__all__ if not hasattr(emitter, name)] == []


def test_import_brings_the_standard_library_msgspec_and_python_json_logger_only():
    code = """
import sys
before = set(sys.modules)
import emitter
print(*sorted({name.partition(".")[0] for name in set(sys.modules) - before} - sys.stdlib_module_names))
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    # msgspec and python-json-logger look for typing_extensions and go without where it is missing.
    assert [name for name in run.stdout.split() if name != "typing_extensions"] == [
        "emitter",
        "msgspec",
        "pythonjsonlogger",
    ]


def test_logger_is_a_standard_one(log):
    import logging

    assert isinstance(log.logger, logging.Logger)
    assert log.logger is logging.getLogger("emitter.ai_chatbot")
