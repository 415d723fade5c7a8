"""Bulk: the same lines, quickly, and nothing beside them."""

import subprocess
import sys


def test_bulk_writes_the_lines_of_a_plain_run_and_nothing_else(small):
    plain = small("plain", "--days", 9, "--tenants", 2)
    bulk = small("bulk", "--days", 9, "--tenants", 2, "--bulk")
    packed = {name.removesuffix(".gz"): lines for name, lines in plain.raw_lines.items()}
    assert bulk.raw_lines == packed
    assert sorted(path.name for path in bulk.path.iterdir()) == ["logs", "parameters", "simulation.json"]
    assert bulk.record["counts"]["lines"] == plain.record["counts"]["lines"]
    assert bulk.record["events"] == plain.record["events"]
    assert bulk.record["lines"] == {name: len(lines) for name, lines in packed.items()}


def test_memory_of_bulk_hardly_grows_with_the_days(tmp_path):
    peaks = [_peak_kib(tmp_path, days) for days in (10, 40)]
    # Thirty days of 300 sessions are some 200,000 lines, 90 MB; what grows is the list of known customers.
    assert peaks[1] - peaks[0] < 6_000


def _peak_kib(tmp_path, days):
    code = """
import resource, sys
from datetime import date
from pathlib import Path
from simulator.generate import generate_bulk
from simulator.world.settings import Settings
generate_bulk(Settings(days=int(sys.argv[1]), sessions_per_day=300), Path(sys.argv[2]))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""
    command = [sys.executable, "-c", code, str(days), str(tmp_path / f"world-{days}")]
    return int(subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout)
