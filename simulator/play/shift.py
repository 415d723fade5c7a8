"""An agent's working day: login, heartbeats, breaks, logout or none."""

from datetime import date

from ..world.agenda import Process
from ..world.agent import CAPACITY, Agent, Shift, Status
from ..world.chance import Chance
from ..world.tenant import HOUR, MINUTE
from ..world.world import World
from .claims import claimed, claimed_count

_HEARTBEAT_SECONDS = 300.0
_LOOK_SECONDS = 20.0
_MAX_WAIT_FOR_BREAK = 10 * MINUTE
#: Shifts whose agent closes the lid without logging out, and the same with the fault ``missing_logouts``.
_FORGETFUL_SHARE, _FAULTY_FORGETFUL_SHARE = 0.01, 0.2


def work(world: World, agent: Agent, day: date) -> Process:
    """Play the agent's shift that begins on a local day."""
    chance = world.chance("shift", agent.agent_id, day)
    begin, end = (world.tenant.instant(day, hour) for hour in agent.hours)
    yield max(0.0, begin + chance.uniform(-6, 4) * MINUTE - world.now)
    while agent.shift is not None:
        # The shift of the day before has not ended yet.
        yield _LOOK_SECONDS
    agent.log_in(end + chance.uniform(0, 5) * MINUTE)
    shift = agent.shift
    if shift is None:
        raise RuntimeError("an agent who logged in has a shift")
    yield chance.uniform(1, 20)
    agent.change_status("online")
    world.agenda.start(_beat(agent, shift))
    for start, status, length in _pauses(chance, begin):
        yield max(0.0, start - world.now)
        yield from _pause(world, agent, status, length)
    yield max(0.0, shift.planned_end - 10 * MINUTE - world.now)
    # From here on the agent takes nobody new and finishes what is held.
    agent.change_status("away")
    yield max(0.0, shift.planned_end - world.now)
    while agent.held:
        yield _LOOK_SECONDS
    faulty = "missing_logouts" in world.settings.faults
    if chance.happens(_FAULTY_FORGETFUL_SHARE if faulty else _FORGETFUL_SHARE):
        agent.walk_off()
        return
    agent.change_status("offline")
    yield chance.uniform(1, 5)
    agent.log_out(
        claimed((world.now - shift.started_at) / MINUTE, chance, 1),
        claimed_count(len({hold.session_id for hold in shift.holds}), chance),
    )


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
    agent.change_status(status)
    yield length
    agent.change_status("busy" if len(agent.held) >= CAPACITY else "online")


def _beat(agent: Agent, shift: Shift) -> Process:
    while True:
        yield _HEARTBEAT_SECONDS
        if agent.shift is not shift:
            return
        agent.beat()
