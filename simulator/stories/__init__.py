"""Stories: tiny worlds told by hand, each with the rows that it must lead to, worked out in its description."""

from . import agents, hands, hub, replays, sessions, tickets
from .rehearsal import rehearse
from .story import STORIES, Expected, Story

__all__ = ["STORIES", "Expected", "Story", "agents", "hands", "hub", "rehearse", "replays", "sessions", "tickets"]
