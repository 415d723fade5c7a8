"""The loader: event lines from log files into the raw schema, each exactly once."""

from importlib.metadata import version

from .errors import (
    DatabaseError,
    DeadLettersError,
    FileError,
    LoaderError,
    RefusedError,
    ServerError,
    StatementError,
    StoppedError,
    UsageError,
)

__version__ = version("support-warehouse")

__all__ = [
    "DatabaseError",
    "DeadLettersError",
    "FileError",
    "LoaderError",
    "RefusedError",
    "ServerError",
    "StatementError",
    "StoppedError",
    "UsageError",
    "__version__",
]
