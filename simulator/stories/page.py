"""The page of the documentation that shows all stories, made from the stories themselves."""

import textwrap

from . import agents, hub, replays, sessions, tickets
from .story import STORIES, Story

_INTRODUCTION = """\
# Stories

Tiny worlds, told by hand: what happens, and the rows that must come out of it, worked out with a pencil. Each is a
test: it is played through the emitter, loaded, built, and its rows are compared with these, and with what the
simulator's own truth says (`tests/warehouse/test_stories.py`). This page is made from `simulator/stories/` by
`make reference`.

Each story is a tenant of its own, in Shanghai unless it says otherwise, with the default parameters: a contact with a
human costs ¥10.00. "Now" is the midnight after November 14th, 2026. Only the columns that a story is about are shown;
an empty cell is null.
"""


def page() -> str:
    """The page as Markdown."""
    parts = [_INTRODUCTION]
    for module in (sessions, replays, agents, tickets, hub):
        heading = (module.__doc__ or "").splitlines()[0].removeprefix("Stories of ").rstrip(".")
        parts.append(f"## {heading[0].upper()}{heading[1:]}\n")
        parts += [_section(story) for story in STORIES if story.tell.__module__ == module.__name__]
    return "\n".join(parts)


def _section(story: Story) -> str:
    title = story.name.replace("_", " ")
    zone = "" if story.tenant.timezone == "Asia/Shanghai" else f"\nTime zone: {story.tenant.timezone}.\n"
    return f"### {title[0].upper()}{title[1:]}\n{zone}\n{story.description}\n\n```python\n{_telling(story)}\n```\n"


def _telling(story: Story) -> str:
    """What happens, without the function's head and its docstring."""
    body = story.source.split('"""', 2)[2]
    _, _, body = body.partition("\n")  # the rest of the docstring's last line
    return textwrap.dedent(body).rstrip()
