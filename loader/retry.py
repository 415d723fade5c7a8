"""Trying again while the database is away, or says that it cannot just now."""

import random
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, TypeVar

import psycopg

from .errors import PassingError
from .journal import note_retry

_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 5.0

Connect = Callable[[], AbstractContextManager[psycopg.Connection[Any]]]
T = TypeVar("T")


@dataclass(frozen=True)
class Retries:
    """How long to go on trying, and how.

    limit: seconds without progress after which the error is raised; None: never; 0: at once.
    tell: told once when a trouble begins, and when a database that could not be reached can be reached again.
    clock, sleep: in seconds. chance: a random number from 0 to 1, so that loaders do not all come back at once.
    """

    limit: float | None
    tell: Callable[[str], None]
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random

    def persist(self, connect: Connect, work: Callable[[psycopg.Connection[Any]], T], done: Callable[[], int]) -> T:
        """Do ``work`` on a connection; after each PassingError on a new one, after pauses that double.

        done: a number that grows with each batch that is committed; where it grew, patience begins anew.
        Raises the last PassingError when patience is at its end, any other error at once.
        """
        began, attempts, before = 0.0, 0, -1
        is_told = is_away = is_connected = False
        while True:
            try:
                with connect() as connection:
                    if is_away:
                        self.tell("the database answers again")
                        is_told = is_away = False
                    is_connected = True
                    return work(connection)
            except PassingError as passing:
                error, now = passing, self.clock()
                if done() != before:
                    began, attempts, before, is_told = now, 0, done(), False
                if self.limit is not None and now - began >= self.limit:
                    raise
                if not is_told:
                    self.tell(f"{error.what}\n  trying again {self._patience()}")
                is_told, is_away, is_connected = True, not is_connected, False
            pause = min(_FIRST_PAUSE * 2**attempts, _LONGEST_PAUSE) * (0.5 + self.chance() / 2)
            if self.limit is not None:
                pause = min(pause, began + self.limit - now)
            attempts += 1
            note_retry(attempts, pause, error)
            self.sleep(pause)

    def _patience(self) -> str:
        return "until it is there" if self.limit is None else f"for up to {self.limit:g} s"
