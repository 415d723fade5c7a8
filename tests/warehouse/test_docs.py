"""`make docs`: the documentation of the warehouse as one page, which asks nothing of the network."""

import json
import re
import subprocess
import sys
from pathlib import Path

from tests.conftest import CLEAN_ENVIRONMENT, ROOT


def test_docs_are_one_page_with_every_column_of_the_marts(warehouse, tmp_path):
    recipe = re.search(r"^docs:.*\n\t\$\(BIN\)/dbt (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    result = subprocess.run(
        [Path(sys.executable).parent / "dbt", *recipe[1].split(), "--target-path", tmp_path, "--log-path", tmp_path],
        cwd=ROOT,
        env=CLEAN_ENVIRONMENT | {"DATABASE_URL": warehouse.url},
        check=False,
        capture_output=True,
        text=True,
    )
    assert (result.returncode, result.stderr) == (0, ""), result.stdout
    text = (tmp_path / "static_index.html").read_text(encoding="utf-8")
    # Nothing is fetched: no script, style or image from elsewhere, and dbt's own counting of visitors is off.
    assert re.findall(r"<(?:script|link|img)[^>]*(?:src|href)=[\"']https?:", text) == []
    manifest = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["metadata"]["send_anonymous_usage_stats"] is False
    catalog = json.loads((tmp_path / "catalog.json").read_text(encoding="utf-8"))
    marts = {key: table for key, table in catalog["nodes"].items() if table["metadata"]["schema"] == "marts"}
    assert len(marts) > 15
    for key, table in marts.items():
        described = manifest["nodes"][key]["columns"]
        assert set(table["columns"]) == set(described)
        assert {name: says for name, column in described.items() if is_bare(name, says := column["description"])} == {}
        # The page holds its data as JSON.
        wordings = {name: json.dumps(column["description"], ensure_ascii=False) for name, column in described.items()}
        unread = [name for name, words in wordings.items() if words not in text and ascii_of(words) not in text]
        assert unread == []


def is_bare(name: str, description: str) -> bool:
    """Whether a description says no more than the name, or of an amount not in what it is."""
    words = re.findall("[a-z]+", description.lower())
    told = [word for word in name.split("_") if word not in {"count", "at", "id", "is", "has"}]
    return not words or words in (told, name.split("_")) or (name.endswith("_amount") and "currency" not in words)


def ascii_of(words: str) -> str:
    return json.dumps(json.loads(words))
