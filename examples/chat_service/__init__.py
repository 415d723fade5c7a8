"""A small product that logs through the emitter: a chatbot with scripted answers and an agents' workbench."""
