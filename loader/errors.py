"""Everything that the loader raises on purpose, each with the exit code of the command.

::

    LoaderError                  1   unexpected
    ├── StatementError           1   the database refused what the loader asked of it
    ├── UsageError               2   wrong arguments: a missing path, a folder without log files
    ├── DeadLettersError       3   done, and some lines are in raw.dead_letters
    ├── ThresholdError         3   done, and something is more than is tolerated
    ├── RefusedError             4   the loader will not go on
    │   ├── DatabaseError            no rights, not initialised, another one at work that must be alone
    │   │   └── PassingError             no connection, no room, a deadlock: another try may succeed
    │   │       └── MovedOnError         the file was loaded on by somebody else meanwhile
    │   ├── ServerError              the embedded server cannot be set up, started or stopped
    │   ├── FileError                one file: unreadable, truncated
    │   │   ├── ChangedError             one file: changed under its position
    │   │   └── UnplacedError            one file: may be a copy of one that has moved
    │   ├── PruneError               something that is to be pruned is still needed
    │   ├── ArchiveError             an archive cannot be written or read, or lacks what is to be dropped
    │   ├── EraseError               it is not clear what to erase, or not all of it can be reached
    │   └── ImportRefusedError       another system's records cannot be read, or their lines not be written
    └── StoppedError           130   stopped by Ctrl-C (143: by SIGTERM)
"""


class LoaderError(Exception):
    """Base of all errors of the loader. ``what`` says what and where, ``next_step`` what to do about it."""

    exit_code = 1

    def __init__(self, what: str, next_step: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.next_step = next_step

    def __str__(self) -> str:
        return f"{self.what}\n  next: {self.next_step}" if self.next_step else self.what


class StatementError(LoaderError):
    """The database refused a statement, for a reason that nobody has thought of."""


class UsageError(LoaderError):
    """The arguments do not make sense."""

    exit_code = 2


class DeadLettersError(LoaderError):
    """Everything was read; some lines broke the contract and are kept as dead letters."""

    exit_code = 3


class InvalidLinesError(LoaderError):
    """Everything was checked; some lines would be rejected."""

    exit_code = 3


class ThresholdError(LoaderError):
    """What was looked at passes a threshold that the caller has named."""

    exit_code = 3


class RefusedError(LoaderError):
    """The loader will not go on, and says why."""

    exit_code = 4


class DatabaseError(RefusedError):
    """The database cannot be reached or used."""


class PassingError(DatabaseError):
    """The database cannot be used at the moment; another try, with a new connection, may succeed."""


class MovedOnError(PassingError):
    """A batch did not begin where its file stands: somebody else has loaded it, past all locks. It was rolled back."""

    def __init__(self, database: str) -> None:
        super().__init__(
            f"another loader has loaded the same file into the database {database} at the same time",
            "connect to the server itself or to a pool of sessions: a pool of transactions loses the loader's locks",
        )


class ServerError(RefusedError):
    """The embedded server cannot be set up, started or stopped."""


class FileError(RefusedError):
    """One file cannot be read or must not be read on. Other files are not concerned."""


class ChangedError(FileError):
    """One file has other content below the position up to which it was loaded."""


class UnplacedError(FileError):
    """One file may be a copy of an earlier state of a known one, which is not where it was to compare them."""


class PruneError(RefusedError):
    """What is to be pruned is still needed. Nothing was pruned."""


class ArchiveError(RefusedError):
    """An archive cannot be written or read, or lacks what is to be dropped."""


class EraseError(RefusedError):
    """It is not clear what to erase, or not all of it can be reached. Nothing was erased."""


class ImportRefusedError(RefusedError):
    """Another system's records cannot be read, or the lines made of them cannot be written. Nothing was imported."""


class StoppedError(LoaderError):
    """Stopped by a signal. What was committed stays, what was not is read again next time."""

    def __init__(self, signal_name: str, exit_code: int) -> None:
        super().__init__(
            f"stopped by {signal_name}: the current batch was rolled back, everything before it is loaded",
            "run the same command again, it goes on from there",
        )
        self.exit_code = exit_code
