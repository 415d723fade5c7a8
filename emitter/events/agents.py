"""Human agents (``product = agent_workbench``)."""

from ._base import AgentStatus, CapturedText, Count, Event, Id, Integer, PersonalId


class AgentLogin(Event, tag="agent.login"):
    """An agent logged in."""

    agent_id: Id
    agent_name: PersonalId


class AgentLogout(Event, tag="agent.logout"):
    """An agent logged out, with what the workbench claims about the shift."""

    agent_id: Id
    work_duration_minutes: float | None = None
    sessions_handled: Integer | None = None


class AgentStatusChange(Event, tag="agent.status_change"):
    """An agent changed between online, busy, away, break and offline."""

    agent_id: Id
    from_status: AgentStatus
    to_status: AgentStatus


class AgentHeartbeat(Event, tag="agent.heartbeat"):
    """The workbench of an agent is still there."""

    agent_id: Id


class AgentSessionTakeover(Event, tag="agent.session_takeover"):
    """An agent took over a session."""

    agent_id: Id
    session_id: Id
    wait_duration_seconds: float | None = None


class AgentSessionMessage(Event, tag="agent.session_message"):
    """An agent wrote to the customer."""

    agent_id: Id
    session_id: Id
    message_length: Count
    text: CapturedText | None = None


class AgentSessionNote(Event, tag="agent.session_note"):
    """An agent left an internal note on a session."""

    agent_id: Id
    session_id: Id
    note_length: Integer | None = None


class AgentSessionRelease(Event, tag="agent.session_release"):
    """An agent gave a session back, with what the workbench claims about the handling."""

    agent_id: Id
    session_id: Id
    handle_duration_seconds: float | None = None
    message_count: Integer | None = None


class AgentSessionTransfer(Event, tag="agent.session_transfer"):
    """An agent passed a session on to another agent."""

    agent_id: Id
    session_id: Id
    target_agent_id: Id
    reason: str | None = None
