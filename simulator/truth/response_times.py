"""How long the AI took to answer, by day, week and month of the session."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from .exact import percentile, ratio
from .session_memory import SessionMemory
from .table import write_table

_SHARES = {"p50": 0.5, "p90": 0.9, "p95": 0.95}


class ResponseTimes:
    """Takes sessions, and writes ``ai_response_times`` when the world has ended."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._times: defaultdict[tuple[str, str, date], list[int]] = defaultdict(list)

    def take(self, tenant_id: str, day: date, memory: SessionMemory) -> None:
        """Keep the times of a session that started on a local day; nobody waits in a test."""
        if memory.is_test:
            return
        times = [turn.response_time_ms for turn in memory.ai_turns if turn.response_time_ms is not None]
        monday = day - timedelta(days=day.weekday())
        for period, start in (("day", day), ("week", monday), ("month", day.replace(day=1))):
            self._times[tenant_id, period, start] += times

    def close(self) -> None:
        """Write the table."""
        write_table(self._folder / "ai_response_times.csv", self._rows())

    def _rows(self) -> Iterator[dict[str, Any]]:
        for (tenant_id, period, start), times in sorted(self._times.items()):
            if times:
                yield {
                    "tenant_id": tenant_id,
                    "period_type": period,
                    "period_start": start,
                    "timed_ai_turns_count": len(times),
                    "ai_response_time_ms_total": sum(times),
                    "avg_ai_response_time_ms": ratio(sum(times), len(times)),
                    **{f"{name}_ai_response_time_ms": percentile(times, share) for name, share in _SHARES.items()},
                }
