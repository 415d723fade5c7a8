"""Whatever the seed and however often logs come: the loader makes of them what the truth says."""

from datetime import date

import pytest

from simulator.generate import generate
from simulator.world.settings import Settings
from simulator.world.tenants import TENANTS
from simulator.writing.deliveries import deliver
from simulator.writing.faults import FAULTS
from tests.simulator.loading import assert_told, deliver_and_ingest, ingest, table


def _settings(seed, days):
    # Small, but with several files a product: a file is of a week.
    return Settings(
        days=days,
        sessions_per_day=4,
        seed=seed,
        start=date(2026, 10, 1),
        tenants=TENANTS[seed % 4 : seed % 4 + 1],
        faults=frozenset(FAULTS),
    )


# In the last one a file is rotated before its last line, of which only half was written.
@pytest.mark.parametrize(("seed", "days", "deliveries"), [(1, 30, 2), (2, 16, 3), (3, 23, 4), (4, 9, 5), (116, 13, 10)])
def test_loader_makes_of_many_deliveries_what_the_truth_says(seed, days, deliveries, tmp_path, database, run_loader):
    world = tmp_path / "world"
    generate(_settings(seed, days), world, deliveries=deliveries)
    deliver_and_ingest(world, deliveries, lambda: deliver(world), run_loader)
    assert_told(world, database)
    assert {row["kind"] for row in table(world, "dead_letters")} > {"not_json"}


@pytest.mark.parametrize("seed", [6, 7, 8])
def test_loader_makes_of_one_delivery_what_the_truth_says(seed, tmp_path, database, run_loader):
    world = tmp_path / "world"
    generate(_settings(seed, 15), world)
    ingest(run_loader, world / "logs", [])
    assert table(world, "refusals") == []
    assert_told(world, database)
