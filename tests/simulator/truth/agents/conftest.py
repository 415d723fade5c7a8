"""Scenes of human agents."""

from datetime import date

import pytest

from simulator.truth.agents import AgentBook
from simulator.truth.view import View
from simulator.world.agent import Agent
from simulator.world.settings import Settings
from simulator.world.tenant import HOUR
from simulator.world.tenants import TENANTS


@pytest.fixture
def desk(tmp_path, new_scene, read):
    """A scene whose agents' book can be read: ``desk.rows(table)`` finishes the world and closes the book."""

    def make(day=date(2026, 10, 5), *, as_of_hours=24.0, is_recorded=True, tenant=TENANTS[0]):
        view = View(tenant.instant(day) + as_of_hours * HOUR, is_recorded)
        book = AgentBook(tmp_path, Settings(tenants=(tenant,)), view)
        scene = new_scene(tenant, day, witness=book)
        scene.book = book
        scene.colleague = Agent(scene.world, "a2", "Bert")

        def rows(*tables):
            scene.world.finish_all()
            book.close()
            found = [read(tmp_path / f"{table}.csv") for table in tables]
            return found[0] if len(found) == 1 else found

        scene.rows = rows
        scene.read = lambda table: read(tmp_path / f"{table}.csv")
        return scene

    return make
