"""What docs/emitter.md shows runs, and its table of options is that of the code."""

import dataclasses
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from emitter import Settings

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs/emitter.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
#: What a block leaves to the reader.
AFTER = {
    "LOGGING": "import logging.config\n"
    "logging.config.dictConfig(LOGGING)\n"
    "logging.getLogger('shop.chat').info('session.start')"
}


@pytest.mark.parametrize("block", BLOCKS, ids=[block.splitlines()[0] for block in BLOCKS])
def test_block_of_the_guide_runs_and_logs_into_files(tmp_path, block):
    code = block + "".join(after for word, after in AFTER.items() if word in block)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    lines = [line for path in tmp_path.glob("logs/*.jsonl") for line in path.read_text().splitlines()]
    assert len(lines) >= ("emitter.testing" not in block)


def _words(default: object) -> str:
    if isinstance(default, bool):
        return "on" if default else "off"
    return {64 * 1024 * 1024: "64 MiB", 10_000: "10,000"}.get(default, str(default).removesuffix(".0"))


def test_every_option_stands_in_the_table_with_its_variable_and_default():
    for field in dataclasses.fields(Settings):
        default = _words(field.default)
        if field.name == "block_timeout":
            assert "`block_timeout` (`EMITTER_BLOCK_TIMEOUT`, 1 s)" in GUIDE
        else:
            row = rf"^\| `{field.name}` \| `EMITTER_{field.name.upper()}` \| `?{default}`? \|"
            assert re.search(row, GUIDE, re.MULTILINE), row
