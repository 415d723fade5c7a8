"""The agents' workbench: agents and the sessions they hold."""

import time
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from emitter import (
    AgentLogin,
    AgentLogout,
    AgentSessionMessage,
    AgentSessionRelease,
    AgentSessionTakeover,
    AgentStatusChange,
    get_logger,
)

from . import store

router = APIRouter(prefix="/agents/{agent_id}", tags=["workbench"])
log = get_logger("agent_workbench")


class Login(BaseModel):
    """Who logs in."""

    name: Annotated[str, Field(min_length=1)]


class Held(BaseModel):
    """The session that an agent takes or gives back."""

    session_id: str


class AgentMessage(Held):
    """What an agent writes to the customer of a session."""

    text: Annotated[str, Field(min_length=1, max_length=4000)]


@router.post("/login", status_code=204)
async def login(agent_id: str, body: Login) -> None:
    """Begin a shift."""
    store.add_agent(store.Agent(agent_id))
    log.info(AgentLogin(agent_id=agent_id, agent_name=body.name))
    log.info(AgentStatusChange(agent_id=agent_id, from_status="offline", to_status="online"))


@router.post("/takeover", status_code=204)
async def take_over(agent_id: str, body: Held) -> None:
    """Take a session over from the bot."""
    agent, session = store.agent(agent_id), store.open_session(body.session_id)
    if session.agent_id is not None:
        store.conflict(f"session {session.session_id} is with agent {session.agent_id}")
    session.agent_id, session.was_human, session.agent_message_count = agent_id, True, 0
    session.taken_over = time.monotonic()
    agent.session_count += 1
    wait = None if session.escalated is None else round(session.taken_over - session.escalated, 3)
    log.info(AgentSessionTakeover(agent_id=agent_id, session_id=session.session_id, wait_duration_seconds=wait))


@router.post("/messages", status_code=204)
async def write(agent_id: str, body: AgentMessage) -> None:
    """Write to the customer."""
    session = _held(agent_id, body.session_id)
    session.message_count += 1
    session.agent_message_count += 1
    log.info(
        AgentSessionMessage(
            agent_id=agent_id, session_id=session.session_id, message_length=len(body.text), text=body.text
        )
    )


@router.post("/release", status_code=204)
async def release(agent_id: str, body: Held) -> None:
    """Give the session back."""
    session = _held(agent_id, body.session_id)
    held_for = None if session.taken_over is None else round(time.monotonic() - session.taken_over, 3)
    session.agent_id = None
    log.info(
        AgentSessionRelease(
            agent_id=agent_id,
            session_id=session.session_id,
            handle_duration_seconds=held_for,
            message_count=session.agent_message_count,
        )
    )


@router.post("/logout", status_code=204)
async def logout(agent_id: str) -> None:
    """End the shift."""
    agent = store.remove_agent(agent_id)
    log.info(AgentStatusChange(agent_id=agent_id, from_status="online", to_status="offline"))
    log.info(
        AgentLogout(
            agent_id=agent_id,
            work_duration_minutes=round((time.monotonic() - agent.began) / 60, 3),
            sessions_handled=agent.session_count,
        )
    )


def _held(agent_id: str, session_id: str) -> store.Session:
    """The session, if this agent holds it."""
    session = store.open_session(session_id)
    if session.agent_id != agent_id:
        store.conflict(f"session {session_id} is not with agent {agent_id}")
    return session
