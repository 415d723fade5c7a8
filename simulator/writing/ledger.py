"""The ledger: what a loader that keeps its promise makes of the deliveries, told from what was delivered.

The promise (docs/decisions/0008): a file is known by its content, whatever its name. A content that was read before is
read on from where it ended; a copy of it loads nothing. A file whose content was replaced in place is refused, and then
read as new on request. Of lines with one event the first that is read is loaded.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import NamedTuple

from .actions import Action
from .text import Text


class Content(NamedTuple):
    """A content is told by where it comes from: a text, from one of its lines on."""

    source: str
    first_line: int


class Place(NamedTuple):
    """A name, and which of the files that had it in turn."""

    name: str
    file_number: int


@dataclass
class _File:
    number: int
    content: Content
    line_count: int


@dataclass
class Account:
    """What became of a content. dead_letters: line number, from 1, and kind of malformed line."""

    content: Content
    place: Place | None = None
    read_count: int = 0
    loaded_count: int = 0
    duplicate_count: int = 0
    dead_letters: list[tuple[int, str]] = field(default_factory=list)


class Ledger:
    """A log folder, and the accounts of the contents that were read from it.

    texts: by source. repeated: the events that come in more than one line.
    """

    def __init__(self, texts: Mapping[str, Text], repeated: Iterable[int]) -> None:
        self.files: dict[str, _File] = {}
        self.accounts: dict[Content, Account] = {}
        self._texts = texts
        self._repeated = set(repeated)
        self._seen: set[int] = set()
        self._numbers = count()

    def deliver(self, actions: Iterable[Action]) -> None:
        """The folder changes."""
        files = self.files
        for action in actions:
            match action.what:
                case "append" if action.file in files and files[action.file].line_count:
                    files[action.file].line_count = action.lines
                case "append":
                    # Emptied in place it is still the same file, with another content.
                    number = files[action.file].number if action.file in files else next(self._numbers)
                    content = Content(action.source, action.first_line)
                    files[action.file] = _File(number, content, action.lines)
                case "place":
                    content = Content(action.source, action.first_line)
                    files[action.file] = _File(next(self._numbers), content, action.lines)
                case "rename":
                    files[action.other] = files.pop(action.file)
                case "copy":
                    file = files[action.file]
                    files[action.other] = _File(next(self._numbers), file.content, file.line_count)
                case "truncate":
                    files[action.file].line_count = 0
                case "compress":
                    file = files.pop(action.file)
                    # What an archive ends with is a line, with or without a newline.
                    text, first = self._texts[file.content.source], file.content.first_line
                    line_count = len(text.lines) - first
                    # The end of a rotated text is in the file that came after.
                    goes_on = any(
                        other.content.source == file.content.source and other.content.first_line > first
                        for other in files.values()
                    )
                    is_whole = text.has_open_end and not goes_on and file.line_count == line_count - 1
                    files[f"{action.file}.gz"] = _File(
                        next(self._numbers), file.content, line_count if is_whole else file.line_count
                    )

    def ingest(self) -> list[str]:
        """Read what is new; the result are the files that were refused, which are then read as new."""
        refused = [name for name in sorted(self.files) if not self._read(name, as_new=False)]
        for name in sorted(self.files) if refused else ():
            self._read(name, as_new=True)
        return refused

    def name_of(self, account: Account) -> str:
        """Where a content is: where it was read last, if it still is there."""
        holders = [name for name, file in sorted(self.files.items()) if file.content == account.content]
        return account.place.name if account.place and account.place.name in holders else holders[0]

    def _read(self, name: str, *, as_new: bool) -> bool:
        file = self.files[name]
        place = Place(name, file.number)
        account = self.accounts.get(file.content)
        if account is None and not as_new and any(known.place == place for known in self.accounts.values()):
            return False
        has_news = file.line_count > (account.read_count if account else 0)
        if not has_news and (account is None or self._is_elsewhere(account, name)):
            return True
        for known in self.accounts.values():
            if known.place and known.place.file_number == file.number:
                known.place = None
        account = self.accounts.setdefault(file.content, Account(file.content))
        account.place = place
        self._load(account, file.line_count)
        return True

    def _is_elsewhere(self, account: Account, name: str) -> bool:
        place = account.place
        if place is None or place.name == name or place.name not in self.files:
            return False
        return self.files[place.name].number == place.file_number

    def _load(self, account: Account, line_count: int) -> None:
        text = self._texts[account.content.source]
        first = account.content.first_line
        for index in range(account.read_count, line_count):
            event = text.lines[first + index]
            if event < 0:
                account.dead_letters.append((index + 1, text.kind(event)))
            elif event in self._seen:
                account.duplicate_count += 1
            else:
                account.loaded_count += 1
                if event in self._repeated:
                    self._seen.add(event)
        account.read_count = max(account.read_count, line_count)
