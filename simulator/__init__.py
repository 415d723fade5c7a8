"""Makes realistic event logs of support desks, through the emitter as products write them, and knows the truth."""
