"""Everything that the simulator raises on purpose, each with the exit code of the command.

::

    SimulatorError                 1   unexpected
    ├── UnwrittenError             1   files or lines could not be written, e.g. because the disk is full
    │   └── UnwrittenLinesError        lines of a journal
    ├── DifferencesError           3   done, and the marts differ from the truth
    ├── RefusedError               4   the simulator will not go on
    │   ├── FolderRefusedError         a folder that is not ours, or not what is asked for
    │   ├── TruthRefusedError          a world whose truth is absent, damaged or not yet that of its logs
    │   └── MartsRefusedError          marts that are absent, or that cannot be compared
    └── StoppedError             130   stopped by Ctrl-C (143: by SIGTERM)

``check`` reaches the database through the loader, whose errors have the same shape and codes.
"""


class SimulatorError(Exception):
    """Base of all errors of the simulator. ``what`` says what and where, ``next_step`` what to do about it."""

    exit_code = 1

    def __init__(self, what: str, next_step: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.next_step = next_step

    def __str__(self) -> str:
        return f"{self.what}\n  next: {self.next_step}" if self.next_step else self.what


class UnwrittenError(SimulatorError):
    """Files or lines could not be written."""


class UnwrittenLinesError(UnwrittenError):
    """The emitter could not write lines of a journal."""


class DifferencesError(SimulatorError):
    """Everything was compared; the marts differ from the truth."""

    exit_code = 3


class RefusedError(SimulatorError):
    """The simulator will not go on, and says why."""

    exit_code = 4


class FolderRefusedError(RefusedError):
    """A folder holds something that is not ours, or not what is asked for."""


class TruthRefusedError(RefusedError):
    """The truth of a world is absent, damaged, or not yet that of its logs."""


class MartsRefusedError(RefusedError):
    """The marts are not there, or cannot be compared."""


class StoppedError(SimulatorError):
    """Stopped by a signal; ``what`` says how things are then."""

    exit_code = 130
