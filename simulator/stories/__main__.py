"""``python -m simulator.stories`` writes ``docs/stories.md`` anew."""

from pathlib import Path

from .page import page

if __name__ == "__main__":
    Path("docs/stories.md").write_text(page(), encoding="utf-8")
