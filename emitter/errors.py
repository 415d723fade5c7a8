"""What the emitter raises, and only with ``strict=True``: ``EventError`` (a ``ValueError``)."""


class EventError(ValueError):
    """An event that the loader would reject. Says the event and the field, never a value."""
