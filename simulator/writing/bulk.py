"""The bulk writer: the lines and files of the journal, with as little beside them as can be."""

from collections import Counter
from collections.abc import Callable, Mapping
from math import inf
from pathlib import Path
from typing import Any, BinaryIO, Self

from emitter import Event, EventFormatter, event_name

from ..world.chance import Chance
from ..world.settings import Settings
from ..world.trace import Trace
from .journal import PRODUCT_OF, WEEK_SECONDS, start_name

_BUFFER_BYTES = 1 << 20
#: Nobody asks for traces where no truth is told.
_NO_TRACE = Trace(0.0, 0.0, 0, "", "", is_recorded=True)
_Way = tuple[Callable[[object, str, str | None], bytes], Callable[[bytes], object], str]


class BulkWriter:
    """Formats events with the emitter's formatter, and appends them to a file per product and week.

    It knows neither faults nor events that the contract does not have. ``events`` and ``lines`` are the numbers of
    lines by name and by file once it is closed. Raises OSError, e.g. on a full disk.
    """

    def __init__(self, folder: Path, settings: Settings, clock: Callable[[], float]) -> None:
        folder.mkdir(parents=True)
        self.lines: Counter[str] = Counter()
        self._folder = folder
        self._clock = clock
        self._random_bits = Chance(f"{settings.seed}/emitter").getrandbits
        self._last_week = (settings.days - 1) // 7
        self._week = 0
        self._week_ends_at = clock() + WEEK_SECONDS if self._last_week else inf
        self._files: dict[str, BinaryIO] = {}
        self._ways: dict[type[Event], _Way] = {}
        self._counts: Counter[type[Event]] = Counter()
        self._counts_of_week: Counter[type[Event]] = Counter()

    @property
    def events(self) -> Counter[str]:
        """The number of lines by event name."""
        return Counter({event_name(event_class): count for event_class, count in self._counts.items()})

    def write(
        self,
        tenant_id: str,
        event: Event,
        is_outdated: bool = False,  # noqa: ARG002, FBT001, FBT002 - as the journal's
        unknown_fields: Mapping[str, Any] | None = None,  # noqa: ARG002
    ) -> Trace:
        """Write an event of the contract."""
        if self._clock() >= self._week_ends_at:
            self._end_week()
        event_class = type(event)
        way = self._ways.get(event_class) or self._open(event_class)
        way[1](way[0](event, way[2], tenant_id) + b"\n")
        self._counts_of_week[event_class] += 1
        return _NO_TRACE

    def write_unknown(self, tenant_id: str, product: str, name: str, fields: Mapping[str, Any]) -> Trace:
        """Refused with NotImplementedError: what the contract does not know is a fault."""
        raise NotImplementedError(f"{name} of {product}, tenant {tenant_id}, with {sorted(fields)}: no faults in bulk")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._close_files()

    def _open(self, event_class: type[Event]) -> _Way:
        """The way into the file of a product; opened with a start of its own at the first event of the week."""
        product = PRODUCT_OF[event_class]
        if product not in self._files:
            formatter = EventFormatter(product, capture_text=True, clock=self._clock, random_bits=self._random_bits)
            path = self._folder / start_name(product, self._week)
            self._files[product] = file = path.open("xb", buffering=_BUFFER_BYTES)
            way = (formatter.format_event, file.write, f"emitter.{product}")
            self._ways.update((other, way) for other in PRODUCT_OF if PRODUCT_OF[other] == product)
        return self._ways[event_class]

    def _end_week(self) -> None:
        self._close_files()
        while self._clock() >= self._week_ends_at:
            self._week += 1
            self._week_ends_at += WEEK_SECONDS if self._week < self._last_week else inf

    def _close_files(self) -> None:
        for event_class, count in self._counts_of_week.items():
            self.lines[start_name(PRODUCT_OF[event_class], self._week)] += count
        self._counts += self._counts_of_week
        self._counts_of_week.clear()
        self._ways.clear()
        for file in self._files.values():
            file.close()
        self._files.clear()
