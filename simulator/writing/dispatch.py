"""The dispatch: from the lines that the products wrote to what comes into the log folder, delivery by delivery."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from ..world.chance import Chance
from ..world.settings import Settings
from .actions import Action
from .edits import draw_edits
from .garbage import MALFORMED
from .itinerary import Itinerary, roles_of
from .journal import PRODUCTS, Journal
from .journey import Journey
from .ledger import Ledger
from .start import Start
from .text import Mark, Text, edited

_RESENT_COUNT = 24


class Dispatch:
    """The contents in a folder, and the deliveries that bring them.

    ``deliveries`` are the actions of each, ``ledger`` knows what became of the lines, ``refused`` names by delivery the
    files that must be read as new. The counts are of lines: ``malformed`` by kind, ``lines_by_file`` in the end.
    """

    def __init__(self, written: Path, contents: Path, journal: Journal, settings: Settings, *, count: int) -> None:
        contents.mkdir()
        self.malformed: Counter[str] = Counter()
        self.repeated_in_same_file = self.repeated_in_other_file = 0
        self._written = written
        self._contents = contents
        self._settings = settings
        self._chance = Chance(f"{settings.seed}/dispatch")
        self._instant = datetime.fromtimestamp(settings.tenants[0].instant(settings.start), UTC).isoformat()
        self._texts: dict[str, Text] = {}
        self._repeated: set[int] = set()
        self._itinerary = Itinerary(count)
        self._send_all(journal.starts)
        self.deliveries: list[list[Action]] = self._itinerary.deliveries
        self.ledger = Ledger(self._texts, self._repeated)
        self.refused: list[list[str]] = []
        for actions in self.deliveries:
            self.ledger.deliver(actions)
            self.refused.append(self.ledger.ingest())
        self.lines_by_file = Counter({name: file.line_count for name, file in self.ledger.files.items()})

    @property
    def line_count(self) -> int:
        """Lines in the log folder when everything has come."""
        return self.lines_by_file.total()

    def _send_all(self, starts: list[Start]) -> None:
        settings = self._settings
        roles = roles_of(starts, settings)
        firsts: dict[str, tuple[Text, int]] = {}
        first_id = 1
        for start in starts:
            chance = Chance(f"{settings.seed}/journey/{start.filename}")
            journey = Journey(self._itinerary, start, roles.get(start.filename, ""), chance)
            text = self._text(start, journey, first_id)
            first_id += start.line_count
            complete = journey.plan(text)
            firsts.setdefault(start.product, (text, complete))
        if "garbage" in settings.faults:
            self._send_garbage()
        if "duplicates" in settings.faults:
            for product in PRODUCTS:
                if product in firsts:
                    self._send_again(f"{product}-resent", *firsts[product])

    def _text(self, start: Start, journey: Journey, first_id: int) -> Text:
        written = self._written / start.filename
        edits = draw_edits(start, self._settings)
        if edits.is_empty and set(journey.cuts) <= {-1, 0, start.line_count}:
            path = written.rename(self._contents / start.name)
            text = Text(path, range(first_id, first_id + start.line_count))
            text.marks = {0: Mark(0, 0), start.line_count: Mark(text.size, start.line_count)}
        else:
            target = self._contents / start.name
            text = edited(written, target, edits, first_id=first_id, instant=self._instant, cuts=journey.cuts)
            written.unlink()
        self._texts[start.name] = text
        self.malformed.update(text.malformed)
        self.repeated_in_same_file += len(edits.repeated)
        self._repeated.update(first_id + number - 1 for number in edits.repeated)
        return text

    def _send_garbage(self) -> None:
        """Malformed lines of every kind in a file of their own."""
        path = self._contents / "ai_chatbot-broken"
        path.write_bytes(b"".join(malformed.at(self._instant) for malformed in MALFORMED.values()))
        text = Text(path, range(-1, -1 - len(MALFORMED), -1), list(MALFORMED))
        self._texts[path.name] = text
        self.malformed.update(text.malformed)
        self._itinerary.place(0, f"{path.name}.jsonl", text)

    def _send_again(self, name: str, text: Text, complete: int) -> None:
        """Some lines of a text once more, in a file of their own."""
        events = [index for index, event in enumerate(text.lines) if event > 0]
        chosen = sorted(self._chance.sample(events, min(len(events), _RESENT_COUNT)))
        if chosen:
            path = self._contents / name
            wanted = set(chosen)
            with text.path.open("rb") as source:
                path.write_bytes(b"".join(line for index, line in enumerate(source) if index in wanted))
            again = Text(path, [text.lines[index] for index in chosen])
            self._texts[name] = again
            self._repeated.update(again.lines)
            self.repeated_in_other_file += len(chosen)
            self._itinerary.place(complete + 1, f"{name}.jsonl", again)
