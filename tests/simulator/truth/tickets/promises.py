"""Policies of the desks in these tests, and how to look at some columns of a row."""

from simulator.world.calendar import Policy

PAUSES = ("pending", "on_hold")
RESOLUTION = Policy("resolution", "normal", 120, "office", pausing=PAUSES)
RESPONSE = Policy("first_response", "normal", 60, "office")
URGENT = Policy("resolution", "urgent", 60, "always", pausing=PAUSES)
NEXT = Policy("next_response", "normal", 30, "always")
