"""Writes the table of rates in docs/metrics.md from the definitions of the metrics: ``make reference`` runs it."""

from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "metrics.md"
BEGIN = "<!-- Written by make reference from models/marts/sessions/_sessions__metrics.yml. -->\n"
END = "<!-- End of what make reference writes. -->\n"


def metrics() -> dict[str, dict[str, Any]]:
    """All metrics of the project by name: the rates, then the counts and sums that they are made of."""
    files = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in sorted((ROOT / "models").rglob("*.yml"))]
    found = [metric for file in files for metric in file.get("metrics") or ()]
    found += [metric for file in files for model in file.get("models") or () for metric in model.get("metrics") or ()]
    return {metric["name"]: metric for metric in found}


def table(defined: dict[str, dict[str, Any]]) -> str:
    """The rates as a Markdown table: name, labels, the two columns, the rule in words."""
    rows = ["| metric | label | 名称 | numerator / denominator | rule |", "|---|---|---|---|---|"]
    for metric in defined.values():
        if metric["type"] != "simple":
            parts = (f"`{metric['numerator']}` / `{metric['denominator']}`",) if "numerator" in metric else ()
            formula = "".join(parts) or " × ".join(f"`{factor['name']}`" for factor in metric["input_metrics"])
            cells = metric["label"], metric["config"]["meta"]["label_zh"], formula, metric["description"]
            rows.append(f"| `{metric['name']}` | {' | '.join(cells)} |")
    return "\n".join(rows) + "\n"


def page(text: str, defined: dict[str, dict[str, Any]]) -> str:
    """The page with the table of today in place of the one between the two marks."""
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n{table(defined)}\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8"), metrics()), encoding="utf-8")
