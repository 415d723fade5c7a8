"""The desk: a scene with tickets, whose clock is set in hours after its first midnight."""

from dataclasses import replace
from datetime import date

import pytest

from simulator.truth.sla import SlaBook
from simulator.truth.view import View
from simulator.world.calendar import Calendar, week
from simulator.world.settings import Settings
from simulator.world.tenants import TENANTS

HOUR = 3600.0
ALWAYS = Calendar("always", "Asia/Shanghai", week(range(7), (0, 1440)))
#: Monday to Friday 9:00 to 18:00, but not on Wednesday, October 7th.
OFFICE = Calendar("office", "Asia/Shanghai", week(range(5), (540, 1080)), (date(2026, 10, 7),))


class Desk:
    """A scene whose tickets go to a book; ``rows(table)`` ends the world, closes the book and reads."""

    def __init__(self, scene, book, folder, read):
        self.scene, self.book, self._folder, self._read = scene, book, folder, read

    def at(self, hours):
        self.scene.agenda.now = round(self.scene.begins_at + hours * HOUR, 6)

    def ticket(self, hours=9.0, **details):
        self.at(hours)
        details = {"kind": "delivery", "ticket_id": "t1", **details}
        ticket = self.scene.world.new_ticket("email", **details)
        ticket.open()
        return ticket

    def lose(self, ticket, *numbers):
        """The lines of some of a ticket's steps, numbered from 0, never came into the logs."""
        for number in numbers:
            step = ticket.history[number]
            step.trace = step.trace._replace(is_recorded=False)

    def rows(self, table):
        self.scene.world.finish_all()
        self.book.close()
        return self._read(self._folder / f"{table}.csv")


@pytest.fixture
def desk(tmp_path, new_scene, read):
    """``desk(book, *policies)``: a desk in Shanghai; the book is kept as of some hours after the first midnight."""

    def make(book=SlaBook, *policies, as_of=240.0, is_recorded=True, day=date(2026, 10, 5), tenant=None):
        tenant = tenant or replace(TENANTS[0], calendars=(ALWAYS, OFFICE), policies=policies)
        view = View(tenant.instant(day) + as_of * HOUR, is_recorded)
        kept = book(tmp_path, Settings(tenants=(tenant,)), view)
        return Desk(new_scene(tenant, day, witness=kept), kept, tmp_path, read)

    return make
