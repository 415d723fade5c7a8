"""What the products claim, counted by day against what is seen."""

from collections import Counter
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

from .exact import ratio
from .table import write_table

#: How far a claim of the workbench or the ticket system may be off, by what it claims, and still agree.
_TOLERANCES = {
    "wait_seconds": 1,
    "handle_seconds": 1,
    "agent_message_count": 0,
    "work_minutes": 1,
    "sessions_handled": 0,
    "resolution_hours": 0.01,
}


class Claims:
    """Counts claims by tenant, local day and kind, and writes ``claim_reconciliation``.

    ``is_final`` says it of a tenant's local day; the sessions of the world know.
    """

    is_final: Callable[[str, date], bool | None]

    def __init__(self, folder: Path) -> None:
        self.is_final = lambda _tenant_id, _day: None
        self._path = folder / "claim_reconciliation.csv"
        self._counts: Counter[tuple[str, date, str]] = Counter()
        self._differing: Counter[tuple[str, date, str]] = Counter()

    def take(self, tenant_id: str, day: date, claim: str, *, differs: bool) -> None:
        """Count a claim."""
        self._counts[tenant_id, day, claim] += 1
        self._differing[tenant_id, day, claim] += differs

    def compare(self, tenant_id: str, day: date, claim: str, claimed: float | None, seen: Decimal | int | None) -> None:
        """Count a claim of a figure, where there is one and something to compare with."""
        if claimed is not None and seen is not None:
            self.take(tenant_id, day, claim, differs=abs(claimed - float(seen)) > _TOLERANCES[claim])

    def close(self) -> None:
        """Write the table."""
        write_table(
            self._path,
            (
                {
                    "tenant_id": key[0],
                    "claim_date": key[1],
                    "claim": key[2],
                    "claims_count": count,
                    "differing_count": self._differing[key],
                    "differing_rate": ratio(self._differing[key], count),
                    "is_final": self.is_final(key[0], key[1]),
                }
                for key, count in sorted(self._counts.items())
            ),
        )
