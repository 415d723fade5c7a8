"""Puts measured tables into the guide, each between two marks."""

import re
from pathlib import Path

_GUIDE = Path(__file__).resolve().parents[2] / "docs" / "emitter.md"


def table(head: list[str], rows: list[list[str]]) -> str:
    """A table of Markdown; all columns but the first hold numbers."""
    rule = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (head, rule, *rows))


def write(name: str, text: str) -> None:
    """Replace what stands in the guide between the marks of this name. Raises LookupError where there are none."""
    guide = _GUIDE.read_text(encoding="utf-8")
    begin, end = f"<!-- {name}: written by make emitter-figures -->\n", f"<!-- /{name} -->"
    if begin not in guide:
        raise LookupError(f"{_GUIDE} has no marks of {name}")
    pattern = re.escape(begin) + ".*?" + re.escape(end)
    _GUIDE.write_text(re.sub(pattern, lambda _: f"{begin}\n{text}\n\n{end}", guide, flags=re.DOTALL), encoding="utf-8")
