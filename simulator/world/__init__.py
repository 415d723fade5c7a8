"""The simulated world: what there is, what can happen, and its memory of what did."""
