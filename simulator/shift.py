"""An agent's working day: login, heartbeats, breaks, logout."""

from datetime import date

from emitter import AgentHeartbeat, AgentLogin, AgentLogout, AgentStatusChange

from .agenda import Process
from .agent import CAPACITY, Agent, Shift, Status
from .chance import Chance
from .claims import claimed, claimed_count
from .tenant import HOUR, MINUTE
from .world import World

_HEARTBEAT_SECONDS = 300.0
_LOOK_SECONDS = 20.0
_MAX_WAIT_FOR_BREAK = 10 * MINUTE


def work(world: World, agent: Agent, day: date) -> Process:
    """Play the agent's shift of a local day."""
    chance = world.chance("shift", agent.agent_id, day)
    begin, end = (world.tenant.instant(day, hour) for hour in agent.hours)
    yield max(0.0, begin + chance.uniform(-6, 4) * MINUTE - world.now)
    shift = Shift(agent.agent_id, world.now, end + chance.uniform(0, 5) * MINUTE)
    world.shifts.append(shift)
    agent.shift = shift
    world.write(AgentLogin(agent_id=agent.agent_id, agent_name=agent.name))
    yield chance.uniform(1, 20)
    change_status(world, agent, "online")
    world.agenda.start(_beat(world, agent, shift))
    for start, status, length in _pauses(chance, begin):
        yield max(0.0, start - world.now)
        yield from _pause(world, agent, status, length)
    yield max(0.0, shift.planned_end - 10 * MINUTE - world.now)
    # From here on the agent takes nobody new and finishes what is held.
    change_status(world, agent, "away")
    yield max(0.0, shift.planned_end - world.now)
    while agent.held:
        yield _LOOK_SECONDS
    change_status(world, agent, "offline")
    yield chance.uniform(1, 5)
    agent.shift = None
    shift.logout_at = world.now
    world.write(
        AgentLogout(
            agent_id=agent.agent_id,
            work_duration_minutes=claimed((world.now - shift.login_at) / MINUTE, chance, 1),
            sessions_handled=claimed_count(shift.handled_count, chance),
        )
    )


def change_status(world: World, agent: Agent, status: Status) -> None:
    """Move the agent to another status, if it is another one."""
    if status != agent.status:
        world.write(AgentStatusChange(agent_id=agent.agent_id, from_status=agent.status, to_status=status))
        agent.status = status


def hold(world: World, agent: Agent, session_id: str) -> None:
    """Put a session into the agent's hands; with the hands full the agent is busy."""
    agent.held.append(session_id)
    agent.last_taken_at = world.now
    if agent.shift is not None:
        agent.shift.handled_count += 1
    if len(agent.held) >= CAPACITY and agent.status == "online":
        change_status(world, agent, "busy")


def let_go(world: World, agent: Agent, session_id: str) -> None:
    """Take a session out of the agent's hands."""
    agent.held.remove(session_id)
    if agent.status == "busy":
        change_status(world, agent, "online")


def _pauses(chance: Chance, begin: float) -> list[tuple[float, Status, float]]:
    """Start, status and length of the pauses of a shift: a meal, and two short ones."""
    return [
        (begin + chance.uniform(1.5, 2.2) * HOUR, "away", chance.uniform(5, 15) * MINUTE),
        (begin + chance.uniform(3.2, 4.6) * HOUR, "break", chance.uniform(40, 60) * MINUTE),
        (begin + chance.uniform(6.5, 7.4) * HOUR, "away", chance.uniform(5, 15) * MINUTE),
    ]


def _pause(world: World, agent: Agent, status: Status, length: float) -> Process:
    latest = world.now + _MAX_WAIT_FOR_BREAK
    while agent.held and world.now < latest:
        yield _LOOK_SECONDS
    change_status(world, agent, status)
    yield length
    change_status(world, agent, "busy" if len(agent.held) >= CAPACITY else "online")


def _beat(world: World, agent: Agent, shift: Shift) -> Process:
    while True:
        yield _HEARTBEAT_SECONDS
        if agent.shift is not shift:
            return
        world.write(AgentHeartbeat(agent_id=agent.agent_id))
