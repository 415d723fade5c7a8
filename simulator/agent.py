"""Human agents: who they are, when they work, what they hold."""

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

#: Sessions that one agent holds at a time.
CAPACITY = 2

Status = Literal["online", "busy", "away", "break", "offline"]


@dataclass
class Shift:
    """One login to logout; instants in seconds since the epoch."""

    agent_id: str
    login_at: float
    #: When it should end; the logout waits for the last session held.
    planned_end: float
    logout_at: float | None = None
    handled_count: int = 0


@dataclass
class Agent:
    """An agent: the roster, and the state of the moment."""

    agent_id: str
    name: str
    #: First and last local hour of the working day.
    hours: tuple[float, float]
    days_off: tuple[int, int]
    #: Until this instant the agent works with an old workbench, which writes the names of older emitters.
    outdated_until: float = 0.0
    status: Status = "offline"
    shift: Shift | None = None
    held: list[str] = field(default_factory=list)
    last_taken_at: float = 0.0

    def works_on(self, day: date) -> bool:
        """Whether the roster has a shift on a local day."""
        return day.weekday() not in self.days_off

    @property
    def is_free(self) -> bool:
        """Whether the agent takes one more session."""
        return self.status == "online" and len(self.held) < CAPACITY


_DAY, _EVENING = (9.0, 18.0), (13.0, 22.0)


def team(outdated_until: float) -> list[Agent]:
    """The agents of a desk; the last one's workbench is renewed late."""
    agents = [
        Agent("a-01", "Chen Yun", _DAY, (0, 1)),
        Agent("a-02", "Priya Nair", _DAY, (2, 3)),
        Agent("a-03", "Lam Ka Wai", _DAY, (4, 5)),
        Agent("a-04", "Zhao Min", _DAY, (5, 6)),
        Agent("a-05", "Wei Jie Tan", _EVENING, (0, 6)),
        Agent("a-06", "Liu Fang", _EVENING, (1, 2)),
        Agent("a-07", "Grace Ho", _EVENING, (3, 4)),
        Agent("a-08", "Sun Bo", _EVENING, (5, 6)),
    ]
    agents[-1].outdated_until = outdated_until
    return agents
