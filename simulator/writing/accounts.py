"""The truth of the pipeline: what became of every line on the way, file by file and start by start."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from ..truth.exact import ratio
from ..truth.table import write_table
from ..world.tenant import DAY
from .dispatch import Dispatch
from .garbage import reason_of
from .journal import Journal
from .start import Start

_EPOCH = date(1970, 1, 1)
_LATENESS = DAY
_Row = dict[str, Any]


def write_accounts(folder: Path, journal: Journal, dispatch: Dispatch, as_of: float) -> None:
    """Write the tables of the pipeline into a folder of truth. as_of: "now", in seconds since the epoch."""
    starts = journal.starts
    write_table(folder / "ingest_reconciliation.csv", _reconciliation(dispatch))
    write_table(folder / "dead_letters.csv", _dead_letters(dispatch))
    write_table(folder / "deliveries.csv", _deliveries(dispatch))
    write_table(folder / "refusals.csv", _refusals(dispatch))
    write_table(folder / "emitters.csv", (_emitter(start, dispatch) for start in starts))
    write_table(folder / "event_loss_daily.csv", _visible_losses(starts, as_of))
    write_table(folder / "losses_daily.csv", _losses(starts))
    write_table(folder / "schema_drift.csv", _drifts(journal))


def _reconciliation(dispatch: Dispatch) -> list[_Row]:
    """One row per content that was read, by the name under which it is in the end."""
    ledger = dispatch.ledger
    rows = [
        {
            "path": ledger.name_of(account),
            # Nothing here grows apart from a copy of it, every build takes up everything, nothing is pruned, and nobody
            # deals with dead letters.
            "inherited_lines_count": 0,
            "read_lines_count": account.read_count,
            "loaded_lines_count": account.loaded_count,
            "incomplete_lines_count": 0,
            "duplicate_lines_count": account.duplicate_count,
            "pending_lines_count": 0,
            "rejected_lines_count": len(account.dead_letters),
            "beyond_retention_lines_count": 0,
            "discarded_lines_count": 0,
            "retried_lines_count": 0,
            "erased_lines_count": 0,
        }
        for account in ledger.accounts.values()
    ]
    return sorted(rows, key=lambda row: str(row["path"]))


def _dead_letters(dispatch: Dispatch) -> list[_Row]:
    ledger = dispatch.ledger
    return [
        {"path": name, "line_number": number, "kind": kind, "reason": reason_of(kind)}
        for name, account in sorted((ledger.name_of(account), account) for account in ledger.accounts.values())
        for number, kind in account.dead_letters
    ]


def _deliveries(dispatch: Dispatch) -> Iterator[_Row]:
    for number, actions in enumerate(dispatch.deliveries, start=1):
        for action in actions:
            yield {"delivery": number, "what": action.what, "file": action.file, "words": action.words}


def _refusals(dispatch: Dispatch) -> Iterator[_Row]:
    """Files that a reader of each delivery must refuse, and read as new."""
    for number, names in enumerate(dispatch.refused, start=1):
        for name in names:
            yield {"delivery": number, "file": name}


def _emitter(start: Start, dispatch: Dispatch) -> _Row:
    files = [name for name, file in dispatch.ledger.files.items() if file.content.source == start.name]
    missing = start.missing
    return {
        "emitter_id": start.emitter_id,
        "product": start.product,
        "written_lines_count": start.line_count,
        "arrived_lines_count": start.line_count - len(missing),
        "lost_in_between_lines_count": len(missing) - start.missing_at_end_count,
        "lost_at_end_lines_count": start.missing_at_end_count,
        "is_half_written": start.is_killed,
        "skew_seconds": start.skew_seconds,
        "files": " ".join(sorted(files)),
    }


def _visible_losses(starts: Iterable[Start], as_of: float) -> Iterator[_Row]:
    """What the gaps in ``seq`` show: a gap counts on the day of the line behind it; a lost end shows none.

    as_of: a day is final when it ended a day before; the last lines are taken to be loaded then.
    """
    for start in starts:
        days = start.days()
        missing = set(start.missing)
        arrived, lost = Counter[int](), Counter[int]()
        gap = 0
        for number, day in enumerate(days, start=1):
            if number in missing:
                gap += 1
            else:
                arrived[day] += 1
                lost[day] += gap
                gap = 0
        for day in sorted(arrived):
            yield {
                **_day_of(start, day),
                "expected_lines_count": arrived[day] + lost[day],
                "arrived_lines_count": arrived[day],
                "lost_lines_count": lost[day],
                "loss_rate": ratio(lost[day], arrived[day] + lost[day]),
                "is_goal_met": 1000 * lost[day] < arrived[day] + lost[day],
                "is_final": (day + 1) * DAY + _LATENESS <= as_of,
            }


def _losses(starts: Iterable[Start]) -> Iterator[_Row]:
    """What was lost in truth, by the day that the lost lines bear, the ends of files included."""
    for start in starts:
        missing = set(start.missing)
        lost = Counter(day for number, day in enumerate(start.days(), start=1) if number in missing)
        for day, written in Counter(start.days()).items():
            yield {
                **_day_of(start, day),
                "written_lines_count": written,
                "lost_lines_count": lost[day],
                "loss_rate": ratio(lost[day], written),
            }


def _day_of(start: Start, day: int) -> _Row:
    return {"emitter_id": start.emitter_id, "product": start.product, "event_date": _EPOCH + timedelta(days=day)}


def _drifts(journal: Journal) -> Iterator[_Row]:
    for (event, field), drift in sorted(journal.drifts.items()):
        yield {
            "event": event,
            "field": field or "(the event)",
            "lines_count": drift.line_count,
            "first_seen_at": drift.first_seen_at,
            "last_seen_at": drift.last_seen_at,
        }
