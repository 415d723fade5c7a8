"""The journal: writes what happens through the emitter, one file per start of a product."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from math import inf
from pathlib import Path
from typing import Any, Self

from emitter import EVENTS, Event, EventFileHandler, close_logger, event_name, get_logger

from ..errors import UnwrittenLinesError
from ..world.chance import Chance
from ..world.settings import Settings
from ..world.tenant import DAY
from ..world.trace import Trace
from .drift import Drifts
from .loss import Loss
from .outdated import as_outdated
from .start import Start

_PRODUCTS = {
    "session": "ai_chatbot",
    "query": "ai_chatbot",
    "api": "ai_chatbot",
    "ai": "ai_chatbot",
    "agent": "agent_workbench",
    "ticket": "agent_workbench",
    "quality": "agent_workbench",
    "hub": "customer_hub",
}
PRODUCTS = tuple(dict.fromkeys(_PRODUCTS.values()))
PRODUCT_OF = {event_class: _PRODUCTS[name.split(".")[0]] for name, event_class in EVENTS.items()}
WEEK_SECONDS = 7 * DAY
_KILLS = 2
#: Lines that are collected before they are written: a simulation is not killed in the middle of a conversation.
_BATCH_LINES = 1000


def start_name(product: str, week: int) -> str:
    """The name of the file of a product's first start in a week, which counts from 0."""
    return f"{product}-week-{week + 1:02d}.jsonl"


class Journal:
    """Event logs of all products in a folder, on a simulated clock. Each week is a new start of each product.

    ``starts`` are all of them, ``events`` counts the lines by the event name under which they were written.
    deliver_at: instants at which the lines so far are counted, in order.
    batch_lines: written when so many have come together; 1 writes each line at once.
    """

    def __init__(
        self,
        folder: Path,
        settings: Settings,
        *,
        clock: Callable[[], float],
        deliver_at: Sequence[float] = (),
        batch_lines: int = _BATCH_LINES,
    ) -> None:
        self.starts: list[Start] = []
        self.events: Counter[str] = Counter()
        self.drifts = Drifts()
        self.alias_count = 0
        self._folder = folder
        self._settings = settings
        self._clock = clock
        self._batch_lines = batch_lines
        self._begins_at = clock()
        # Conversations that run over the last midnight stay in the last week's file.
        self._last_week = (settings.days - 1) // 7
        self._deliver_at = list(deliver_at)
        self._kills = {product: self._kill_instants(product) for product in PRODUCTS}
        self._random_bits = Chance(f"{settings.seed}/emitter").getrandbits
        self._week = -1
        self._current: dict[str, Start] = {}
        self._number = 0
        self._counts: Counter[type[Event]] = Counter()
        self._changes_at = self._begins_at

    def write(
        self,
        tenant_id: str,
        event: Event,
        is_outdated: bool = False,  # noqa: FBT001, FBT002 - positional, since it is called for every line
        unknown_fields: Mapping[str, Any] | None = None,
    ) -> Trace:
        """Write an event of the contract; an outdated product uses the name and fields of older emitters."""
        event_class = type(event)
        alias = as_outdated(event) if is_outdated else None
        if alias is not None:
            self.alias_count += 1
            return self._log(PRODUCT_OF[event_class], tenant_id, *alias)
        self._counts[event_class] += 1
        trace = self._log(PRODUCT_OF[event_class], tenant_id, event, unknown_fields)
        for field in unknown_fields or ():
            self.drifts.note(event_name(event_class), field, trace)
        return trace

    def write_unknown(self, tenant_id: str, product: str, name: str, fields: Mapping[str, Any]) -> Trace:
        """Write an event that the contract does not know."""
        trace = self._log(product, tenant_id, name, fields)
        self.drifts.note(name, "", trace)
        return trace

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for event_class, count in self._counts.items():
            self.events[event_name(event_class)] += count
        self._counts.clear()
        for product in PRODUCTS:
            self._close(product)
        lost_count = sum(start.handler.lost_count for start in self.starts)
        if lost_count:
            raise UnwrittenLinesError(f"{lost_count:,} lines could not be written")

    def _log(self, product: str, tenant_id: str, event: Event | str, extra: Mapping[str, Any] | None) -> Trace:
        now = self._clock()
        if now >= self._changes_at:
            self._change(now)
        start = self._current.get(product) or self._open(product, now)
        event_id = start.emit(event, tenant_id=tenant_id, extra=extra) or ""
        if isinstance(event, str):
            self.events[event] += 1
        logged_at = int((now + start.skew_seconds) * 1e6 + 0.5) / 1e6 if start.skew_seconds else now
        start.count(logged_at)
        self._number += 1
        is_recorded = True
        if start.loss is not None and start.loss.takes(now):
            start.lost.append(start.line_count)
            is_recorded = False
        if now >= start.dies_at:
            # While it writes this very line, which so is cut off and not lost.
            start.is_killed = True
            start.lost = [number for number in start.lost if number != start.line_count]
            is_recorded = False
            self._close(product)
        return Trace(now, logged_at, self._number, start.emitter_id, event_id, is_recorded)

    def _change(self, now: float) -> None:
        """A week is over, or the files are looked at for a delivery."""
        while self._deliver_at and now >= self._deliver_at[0]:
            self._deliver_at.pop(0)
            for start in self.starts:
                start.line_counts_at.append(start.line_count)
        week = min(int((now - self._begins_at) // WEEK_SECONDS), self._last_week)
        if week != self._week:
            for product in PRODUCTS:
                self._close(product)
            self._week = week
        self._changes_at = min([self._week_ends_at, *self._deliver_at[:1]])

    @property
    def _week_ends_at(self) -> float:
        return self._begins_at + (self._week + 1) * WEEK_SECONDS if self._week < self._last_week else inf

    def _open(self, product: str, now: float) -> Start:
        name = start_name(product, self._week).removesuffix(".jsonl")
        earlier = sum(start.filename.startswith(name) for start in self.starts)
        filename = f"{name}-{earlier + 1}.jsonl" if earlier else f"{name}.jsonl"
        chance = Chance(f"{self._settings.seed}/start/{filename}")
        skew = 0.0
        if "skew" in self._settings.faults and chance.happens(0.5):
            skew = round(chance.choice((-1, 1)) * chance.around(20, 1.0), 3)
        clock = self._clock
        close_logger(product)
        logger = get_logger(
            product,
            directory=self._folder,
            filename=filename,
            clock=(lambda: clock() + skew) if skew else clock,
            random_bits=self._random_bits,
            # What is written when is then a matter of the simulated clock alone.
            background=False,
            batch_size=self._batch_lines,
            strict=False,
            handle_sigterm=False,
            # Only some tenants say anything that could be captured.
            capture_text=True,
        )
        handler = next(handler for handler in logger.handlers if isinstance(handler, EventFileHandler))
        dies_at = self._dies_at(product, now)
        ends_at = min(dies_at, self._week_ends_at, self._begins_at + self._settings.days * DAY)
        start = Start(
            product=product,
            filename=filename,
            emit=logger.emit_with_id,
            handler=handler,
            emitter_id=handler.emitter_id,
            started_at=now,
            skew_seconds=skew,
            is_finished=self._week < self._last_week,
            loss=Loss(chance, ends_at) if "loss" in self._settings.faults else None,
            dies_at=dies_at,
            # It had written nothing at the deliveries before.
            line_counts_at=[0] * len(self.starts[0].line_counts_at) if self.starts else [],
        )
        self.starts.append(start)
        self._current[product] = start
        return start

    def _dies_at(self, product: str, now: float) -> float:
        """The next instant at which a product is killed."""
        return min((at for at in self._kills[product] if at > now), default=inf)

    def _close(self, product: str) -> None:
        if self._current.pop(product, None) is not None:
            close_logger(product)

    def _kill_instants(self, product: str) -> list[float]:
        if "half_written" not in self._settings.faults:
            return []
        chance = Chance(f"{self._settings.seed}/kills/{product}")
        window = self._settings.days * DAY
        return sorted(self._begins_at + chance.uniform(0.05, 0.95) * window for _ in range(_KILLS))
