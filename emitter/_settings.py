"""What may be set: by arguments, else by ``EMITTER_*`` variables, else the defaults here."""

import os
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, fields
from typing import Literal, TypedDict, TypeVar

WhenFull = Literal["drop", "block"]

_YES, _NO = frozenset({"1", "true", "yes", "on"}), frozenset({"0", "false", "no", "off"})
_Value = TypeVar("_Value")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How lines come into files. Each may be set by ``EMITTER_<NAME>``, e.g. ``EMITTER_BUFFER_SIZE``.

    background: a thread writes; off, the caller writes before its call returns.
    buffer_size: events that may wait to be written, at most.
    flush_interval: seconds after which what waits is written; a process that is killed loses so much at most.
    batch_size: without a thread, events that come together before the caller writes them.
    when_full: ``drop`` counts an event that finds the buffer full and lets the product go on; ``block`` lets the caller
        wait for room, ``block_timeout`` seconds at most.
    close_timeout: seconds that a flush, the end of the process or SIGTERM wait for a disk that stalls.
    rotate_bytes, rotate_seconds: size and age at which a file is finished and another one begun.
    compress: finished files become ``.jsonl.gz``.
    strict: raise :class:`~emitter.EventError` into the caller for what the loader would reject; for development.
    handle_sigterm: write what waits when SIGTERM comes, where the product has no handler of its own for it.
    """

    background: bool = True
    buffer_size: int = 10_000
    flush_interval: float = 0.2
    batch_size: int = 1
    when_full: WhenFull = "drop"
    block_timeout: float = 1.0
    close_timeout: float = 5.0
    rotate_bytes: int = 64 * 1024 * 1024
    rotate_seconds: float = 3600.0
    compress: bool = False
    strict: bool = False
    handle_sigterm: bool = True

    def __post_init__(self) -> None:
        for name, least in _LEAST.items():
            if not getattr(self, name) >= least:
                raise ValueError(f"{name} must be at least {least:g}")
        if self.flush_interval > 5:
            raise ValueError("flush_interval must be at most 5 seconds: a process that is killed loses so much")
        if self.when_full not in ("drop", "block"):
            raise ValueError("when_full must be 'drop' or 'block'")


_LEAST: dict[str, float] = {
    "buffer_size": 1,
    "flush_interval": 0.001,
    "batch_size": 1,
    "block_timeout": 0,
    "close_timeout": 0,
    "rotate_bytes": 1,
    "rotate_seconds": 0.1,
}


class Options(TypedDict, total=False):
    """The same as keyword arguments; see :class:`Settings`."""

    background: bool
    buffer_size: int
    flush_interval: float
    batch_size: int
    when_full: WhenFull
    block_timeout: float
    close_timeout: float
    rotate_bytes: int
    rotate_seconds: float
    compress: bool
    strict: bool
    handle_sigterm: bool


def settings(given: Mapping[str, object], environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings of arguments and variables.

    Raises ValueError and TypeError for arguments, which a developer sees. A variable that makes no sense is said on
    stderr and left out: no product stops because of it.
    """
    # uWSGI forks without telling Python and runs no threads unless it is told to.
    values: dict[str, object] = {"background": "uwsgi" not in sys.modules}
    for name, read in _READERS.items():
        variable = f"EMITTER_{name.upper()}"
        text = environment.get(variable, "")
        if text and name not in given:
            try:
                value = read(text)
                Settings(**{name: value})  # type: ignore[arg-type] # the reader of this name made it
            except ValueError as error:
                say(f"emitter: {variable} is left out: {error}\n")
            else:
                values[name] = value
    return Settings(**{**values, **given})  # type: ignore[arg-type] # mypy checks them where they are given


def captures_text(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether ``EMITTER_CAPTURE_TEXT`` is on. Only 1 switches it on: texts are personal."""
    return environment.get("EMITTER_CAPTURE_TEXT") == "1"


def truth(text: str) -> bool:
    """A variable that switches something on or off. Raises ValueError."""
    word = text.strip().lower()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise ValueError("it must be 1 or 0")


def _number(kind: Callable[[str], _Value]) -> Callable[[str], _Value]:
    def read(text: str) -> _Value:
        try:
            return kind(text)
        except ValueError:
            raise ValueError("it must be a number") from None

    return read


_READER_BY_TYPE: dict[type, Callable[[str], object]] = {
    bool: truth,
    int: _number(int),
    float: _number(float),
    str: str,
}
_READERS = {field.name: _READER_BY_TYPE[type(field.default)] for field in fields(Settings)}


def say(words: str) -> None:
    """Say something to the operator, on stderr; never raises."""
    # A daemon may have no stderr, or a closed one.
    with suppress(Exception):
        sys.stderr.write(words)
