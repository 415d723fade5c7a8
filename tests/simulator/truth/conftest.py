"""Scenes: worlds in which a test lets things happen by hand, and reading the tables that tell the truth of them."""

import csv
from datetime import date
from random import Random

import pytest

from simulator.truth.book import Blank
from simulator.truth.money import Money
from simulator.truth.session_memory import SessionMemory
from simulator.truth.session_row import session_row
from simulator.truth.view import View
from simulator.world.agenda import Agenda
from simulator.world.agent import Agent
from simulator.world.customer import Customer
from simulator.world.settings import Settings
from simulator.world.tenants import TENANTS
from simulator.world.trace import Trace
from simulator.world.world import World

HOUR = 3600.0


class Writer:
    """Numbers the lines ``e1``, ``e2`` … and writes them nowhere.

    Of a share of them, drawn by chance, the lines are lost; the agents' clock is ahead by some seconds.
    """

    def __init__(self, agenda, loss=0.0, agents_ahead=0.0):
        self.agenda, self.loss, self.agents_ahead = agenda, loss, agents_ahead
        self.number = 0
        self.random = Random(1)

    def write(self, tenant_id, event, *details):
        self.number += 1
        is_agents = type(event).__name__.startswith(("Agent", "Ticket"))
        logged_at = round(self.agenda.now + (self.agents_ahead if is_agents else 0), 6)
        is_recorded = self.random.random() >= self.loss
        emitter_id = "workbench" if is_agents else "chatbot"
        return Trace(self.agenda.now, logged_at, self.number, emitter_id, f"e{self.number}", is_recorded)

    def write_unknown(self, *details, **fields):
        self.number += 1


class Scene:
    """A world of one tenant in which a test lets things happen; the clock begins at a local midnight."""

    def __init__(self, tenant=TENANTS[0], day=date(2026, 10, 5), witness=None):
        self.settings = Settings(tenants=(tenant,))
        self.tenant = tenant
        self.agenda = Agenda(tenant.instant(day))
        self.writer = Writer(self.agenda)
        self.world = World(self.settings, tenant, self.agenda, self.writer, witness or Blank())
        self.agent = Agent(self.world, "a1", "Anna")
        self.begins_at = self.agenda.now

    def after(self, seconds=0.0, hours=0.0):
        self.agenda.now += seconds + hours * HOUR

    def visit(self, session_id="s1", customer=None, **details):
        session = self.world.new_session(customer or Customer("c1"), session_id=session_id, **details)
        session.open()
        return session

    def answered(self, session_id="s1", **details):
        """A session with a question and an answer: lines e1 (start), e2 (question), e3 (answer) if it is the first."""
        session = self.visit(session_id, **details)
        session.user_turn()
        session.ai_turn(1000)
        return session

    def row(self, session, *, hours=24.0, is_recorded=True):
        """The session's row, seen some hours after the scene began."""
        view = View(self.begins_at + hours * HOUR, is_recorded)
        return session_row(self.tenant, session, SessionMemory(session, view), Money(self.settings))

    def lose(self, session, *numbers):
        """The lines of some of a session's happenings, numbered from 0, never came into the logs."""
        for number in numbers:
            happening = session.history[number]
            happening.trace = happening.trace._replace(is_recorded=False)


@pytest.fixture
def new_scene():
    """``new_scene(tenant, day, witness)``: the scene of a tenant, from a local midnight on."""
    return Scene


@pytest.fixture
def scene():
    """A scene in Shanghai, from the midnight of a Monday on."""
    return Scene()


@pytest.fixture(scope="session")
def new_writer():
    """``new_writer(agenda, loss, agents_ahead)``: writes nowhere."""
    return Writer


@pytest.fixture(scope="session")
def read():
    """``read(path)``: the rows of a table, as text."""

    def rows(path):
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    return rows
