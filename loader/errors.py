"""Everything that the loader raises on purpose, each with the exit code of the command.

::

    LoaderError                  1   unexpected
    ├── UsageError               2   wrong arguments: a missing path, a folder without log files
    ├── DeadLettersError       3   done, and some lines are in raw.dead_letters
    ├── RefusedError             4   the loader will not go on
    │   ├── DatabaseError            no database, no rights, not initialised, another loader at work
    │   ├── ServerError              the embedded server cannot be set up, started or stopped
    │   ├── FileError                one file: unreadable, truncated, changed under its position
    │   └── PruneError               something that is to be pruned is still needed
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


class UsageError(LoaderError):
    """The arguments do not make sense."""

    exit_code = 2


class DeadLettersError(LoaderError):
    """Everything was read; some lines broke the contract and are kept as dead letters."""

    exit_code = 3


class RefusedError(LoaderError):
    """The loader will not go on, and says why."""

    exit_code = 4


class DatabaseError(RefusedError):
    """The database cannot be reached or used."""


class ServerError(RefusedError):
    """The embedded server cannot be set up, started or stopped."""


class FileError(RefusedError):
    """One file cannot be read or must not be read on. Other files are not concerned."""


class PruneError(RefusedError):
    """What is to be pruned is still needed. Nothing was pruned."""


class StoppedError(LoaderError):
    """Stopped by a signal. What was committed stays, what was not is read again next time."""

    def __init__(self, signal_name: str, exit_code: int) -> None:
        super().__init__(
            f"stopped by {signal_name}: the current batch was rolled back, everything before it is loaded",
            "run the same command again, it goes on from there",
        )
        self.exit_code = exit_code
