"""Human agents: who they are, when they work, what they do at their workbench."""

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Literal

from emitter import (
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

from .happenings import AgentTurn, Note, Release, Takeover, Transfer
from .session import Session
from .trace import Trace
from .words import Words

if TYPE_CHECKING:
    from .world import World

#: Sessions that one agent holds at a time.
CAPACITY = 2

Status = Literal["online", "busy", "away", "break", "offline"]


@dataclass(slots=True)
class Hold:
    """A session in an agent's hands; ``ended_at`` is None while it is there, ``ending`` is what was said of its end."""

    session_id: str
    taken_at: float
    ended_at: float | None = None
    ending: Literal["release", "transfer"] | None = None


@dataclass(slots=True)
class Shift:
    """One login to the end of the work; instants in seconds since the epoch.

    logout is None where the agent forgot it; ended_at is when the work was over all the same.
    statuses: each change with the status before and after it. holds: sessions in hand. beats: heartbeats.
    """

    agent_id: str
    login: Trace
    started_at: float
    #: When it should end; the work goes on until the last session held is let go.
    planned_end: float
    ended_at: float | None = None
    logout: Trace | None = None
    claimed_work_minutes: float | None = None
    claimed_handled_count: int | None = None
    statuses: list[tuple[Trace, Status, Status]] = field(default_factory=list)
    holds: list[Hold] = field(default_factory=list)
    beats: list[Trace] = field(default_factory=list)


class Agent:
    """An agent: the roster, and the state of the moment.

    hours: first and last local hour of the working day; outdated_until: until this instant the agent's workbench is an
    old one, which writes the names of older emitters.
    """

    def __init__(
        self,
        world: "World",
        agent_id: str,
        name: str,
        *,
        hours: tuple[float, float] = (9, 18),
        days_off: tuple[int, ...] = (),
        outdated_until: float = 0.0,
    ) -> None:
        self.agent_id = agent_id
        self.name = name
        self.hours = hours
        self.days_off = days_off
        self.outdated_until = outdated_until
        self.status: Status = "offline"
        self.shift: Shift | None = None
        self.held: list[str] = []
        self.last_taken_at = 0.0
        self._world = world

    def works_on(self, day: date) -> bool:
        """Whether the roster has a shift that begins on a local day."""
        return day.weekday() not in self.days_off

    @property
    def is_free(self) -> bool:
        """Whether the agent takes one more session."""
        return self.status == "online" and len(self.held) < CAPACITY

    def log_in(self, planned_end: float = 0.0) -> None:
        """The working day begins; whoever forgot to log out before has left by now."""
        self.walk_off()
        trace = self._world.write(AgentLogin(agent_id=self.agent_id, agent_name=self.name))
        self.shift = Shift(self.agent_id, trace, self._world.now, planned_end)
        self._world.new_shift(self.shift)

    def log_out(self, work_minutes: float | None = None, handled_count: int | None = None) -> None:
        """The working day ends; the arguments are what the workbench claims."""
        trace = self._world.write(
            AgentLogout(agent_id=self.agent_id, work_duration_minutes=work_minutes, sessions_handled=handled_count)
        )
        if self.shift is not None:
            self.shift.logout = trace
            self.shift.claimed_work_minutes, self.shift.claimed_handled_count = work_minutes, handled_count
        self.walk_off()

    def walk_off(self) -> None:
        """The work is over; without a logout before, nobody but the world knows."""
        self.status = "offline"
        if self.shift is not None:
            self.shift.ended_at = self._world.now
            self._world.finish(self.shift)
            self.shift = None

    def change_status(self, status: Status) -> None:
        """Move to another status, if it is another one."""
        if status != self.status:
            event = AgentStatusChange(agent_id=self.agent_id, from_status=self.status, to_status=status)
            trace = self._world.write(event)
            if self.shift is not None:
                self.shift.statuses.append((trace, self.status, status))
            self.status = status

    def beat(self) -> None:
        """A sign of life of the workbench."""
        trace = self._world.write(AgentHeartbeat(agent_id=self.agent_id))
        if self.shift is not None:
            self.shift.beats.append(trace)

    def hold(self, session: Session) -> None:
        """Take a session into the hands, before saying so; with the hands full the agent is busy."""
        self.held.append(session.session_id)
        self.last_taken_at = self._world.now
        if len(self.held) >= CAPACITY and self.status == "online":
            self.change_status("busy")

    def take_over(self, session: Session, wait_seconds: float | None = None) -> None:
        """Take a session over; the argument is what the workbench claims."""
        event = AgentSessionTakeover(
            agent_id=self.agent_id, session_id=session.session_id, wait_duration_seconds=wait_seconds
        )
        session.agent_ids.append(self.agent_id)
        session.history.append(Takeover(self._world.write(event), self.agent_id, wait_seconds))
        if self.shift is not None:
            self.shift.holds.append(Hold(session.session_id, self._world.now))

    def say(self, session: Session, length: int = 70, words: Words | None = None) -> None:
        """Write to the customer; with words, of their length."""
        session.turn_count += 1
        session.agent_turn_count += 1
        spoken, masked = words or (None, None)
        length = length if spoken is None else len(spoken)
        event = AgentSessionMessage(
            agent_id=self.agent_id, session_id=session.session_id, message_length=length, text=spoken
        )
        trace = self._world.write(event, self._is_outdated)
        session.history.append(AgentTurn(trace, self.agent_id, length, masked))

    def note(self, session: Session, length: int | None = None) -> None:
        """Write a note that the customer does not see."""
        event = AgentSessionNote(agent_id=self.agent_id, session_id=session.session_id, note_length=length)
        session.history.append(Note(self._world.write(event), self.agent_id, length))

    def release(self, session: Session, handle_seconds: float | None = None, message_count: int | None = None) -> None:
        """Let a session go; the arguments are what the workbench claims."""
        event = AgentSessionRelease(
            agent_id=self.agent_id,
            session_id=session.session_id,
            handle_duration_seconds=handle_seconds,
            message_count=message_count,
        )
        session.history.append(Release(self._world.write(event), self.agent_id, handle_seconds, message_count))
        self._let_go(session, "release")

    def transfer(self, session: Session, colleague: "Agent", reason: str | None = None) -> None:
        """Pass a session on; the colleague has it when he or she takes it over."""
        event = AgentSessionTransfer(
            agent_id=self.agent_id,
            session_id=session.session_id,
            target_agent_id=colleague.agent_id,
            reason=reason,
        )
        trace = self._world.write(event, self._is_outdated)
        session.history.append(Transfer(trace, self.agent_id, colleague.agent_id))
        self._let_go(session, "transfer")

    def forget(self, session: Session) -> None:
        """Close a session's window without saying so: nobody but the world knows that it is let go."""
        self._let_go(session, None)

    @property
    def _is_outdated(self) -> bool:
        return self._world.now < self.outdated_until

    def _let_go(self, session: Session, ending: Literal["release", "transfer"] | None) -> None:
        if session.session_id in self.held:
            self.held.remove(session.session_id)
        for hold in self.shift.holds if self.shift is not None else ():
            if hold.session_id == session.session_id and hold.ended_at is None:
                hold.ended_at, hold.ending = self._world.now, ending
        if self.status == "busy":
            self.change_status("online")
