"""What a run did, counted and put into words."""

from dataclasses import asdict, dataclass, field, replace
from typing import Any

from .errors import DeadLettersError, LoaderError, RefusedError


@dataclass(frozen=True, slots=True)
class Load:
    """What a transaction read: lines ``first_line`` to ``last_line``, bytes ``bytes_from`` to ``bytes_to``."""

    first_line: int
    last_line: int
    lines_read: int
    lines_loaded: int
    lines_rejected: int
    bytes_from: int
    bytes_to: int


@dataclass(slots=True)
class FileResult:
    """What became of one file: lines of this run, and the error that ended it, if any.

    is_gone: it was there when the run began, and no longer when it was to be read.
    unconfirmed: id and counts of a load of which the commit was not heard of yet.
    """

    path: str
    is_unchanged: bool = False
    is_gone: bool = False
    lines_read: int = 0
    lines_loaded: int = 0
    lines_rejected: int = 0
    has_waiting_line: bool = False
    error: LoaderError | None = None
    unconfirmed: tuple[int, Load] | None = None

    def confirm(self) -> None:
        """Count the load that was unconfirmed: it is committed."""
        if self.unconfirmed:
            _, load = self.unconfirmed
            self.lines_read += load.lines_read
            self.lines_loaded += load.lines_loaded
            self.lines_rejected += load.lines_rejected
            self.unconfirmed = None


@dataclass(slots=True)
class Summary:
    """Totals of a run. ``seconds`` are wall clock."""

    files_read: int = 0
    files_unchanged: int = 0
    files_refused: int = 0
    files_failed: int = 0
    files_gone: int = 0
    lines_read: int = 0
    lines_loaded: int = 0
    lines_rejected: int = 0
    lines_waiting: int = 0
    seconds: float = 0.0
    errors: list[LoaderError] = field(default_factory=list)

    def add(self, result: FileResult) -> None:
        """Count one file."""
        self.lines_read += result.lines_read
        self.lines_loaded += result.lines_loaded
        self.lines_rejected += result.lines_rejected
        self.lines_waiting += result.has_waiting_line
        if isinstance(result.error, RefusedError):
            self.files_refused += 1
        elif result.error:
            self.files_failed += 1
        elif result.is_gone:
            self.files_gone += 1
        elif result.is_unchanged:
            self.files_unchanged += 1
        else:
            self.files_read += 1
        if result.error:
            self.errors.append(result.error)

    def since(self, before: "Summary") -> "Summary":
        """What was added since ``before``; what waits and what is wrong, as it is now."""
        grown = {
            name: max(value - getattr(before, name), 0)
            for name, value in asdict(self).items()
            if name.startswith(("files_", "lines_")) and name != "lines_waiting"
        }
        return replace(self, **grown)

    @property
    def lines_per_second(self) -> int:
        return round(self.lines_read / self.seconds) if self.seconds else 0

    def outcome(self) -> LoaderError | None:
        """The error that gives the command its exit code; None: done without one."""
        failed = self.files_refused + self.files_failed
        if failed:
            only_refused = not self.files_failed
            what = f"{failed} of {self.files} files could not be loaded in full; each is named above"
            return RefusedError(what) if only_refused else LoaderError(what)
        if self.lines_rejected:
            return DeadLettersError(
                f"{self.lines_rejected} lines broke the event contract and are kept in raw.dead_letters",
                "see which reasons: loader status",
            )
        return None

    @property
    def files(self) -> int:
        return self.files_read + self.files_unchanged + self.files_refused + self.files_failed + self.files_gone

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``: all counts and the errors as text."""
        values = asdict(self) | {"lines_per_second": self.lines_per_second}
        return values | {"seconds": round(self.seconds, 3), "errors": [str(error) for error in self.errors]}

    def __str__(self) -> str:
        files = [
            f"{count} {word}"
            for count, word in (
                (self.files_read, "read"),
                (self.files_unchanged, "unchanged"),
                (self.files_refused, "refused"),
                (self.files_failed, "failed"),
                (self.files_gone, "gone before they were read"),
            )
            if count or word == "read"
        ]
        lines = f"{self.lines_read} read, {self.lines_loaded} loaded, {self.lines_rejected} rejected"
        if self.lines_waiting:
            lines += f", {self.lines_waiting} waiting for their end"
        return f"files: {', '.join(files)}; lines: {lines}; {self.seconds:.1f} s, {self.lines_per_second} lines/s"
