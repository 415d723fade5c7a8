"""Loggers that write into the test's own folder, on a clock that stands where the test puts it."""

import json
import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest

from emitter import Event, EventFileHandler, EventLogger, close_logger, get_logger
from emitter.logger import event_handlers


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtest_call() -> Iterator[None]:
    """The emitter's handlers are alone, as in a product: pytest adds one of its own to loggers that exist already."""
    for name, logger in logging.Logger.manager.loggerDict.items():
        if name.startswith("emitter.") and isinstance(logger, logging.Logger):
            logger.handlers[:] = [handler for handler in logger.handlers if isinstance(handler, EventFileHandler)]
    return (yield)


@pytest.fixture(autouse=True)
def alone() -> Iterator[None]:
    """No test and no import leaves a configured product behind: the next test's events would go into its folder."""
    assert _close_what_is_left() == []
    yield
    assert _close_what_is_left() == []


def _close_what_is_left() -> list[str]:
    left = []
    for name, logger in logging.Logger.manager.loggerDict.items():
        for handler in event_handlers(logger) if isinstance(logger, logging.Logger) else ():
            logger.removeHandler(handler)
            handler.close()
            left.append(name)
    return left


INSTANT = 1_790_000_000.123456


def _strict(line: str | bytes) -> dict[str, Any]:
    """A line as strict JSON: no NaN, no infinities, no NUL, no lone surrogate, no repeated key."""
    parsed = json.loads(line, parse_constant=_refuse, object_pairs_hook=_unique)
    for text in _texts(parsed):
        text.encode("utf-8")
        assert "\0" not in text
    return parsed


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for inner in [*value, *value.values()] if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _texts(inner)


def _refuse(constant: str) -> None:
    raise AssertionError(f"{constant} is not JSON")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    assert len(pairs) == len({key for key, _ in pairs})
    return dict(pairs)


class Log:
    """A logger and the file it writes."""

    def __init__(self, logger: EventLogger, path: Path) -> None:
        self.logger = logger
        self.path = path
        self.info = logger.info
        # The same way in, and more to look at.
        self.emit = logger.emit_with_id

    def lines(self) -> list[dict[str, Any]]:
        return [_strict(line) for line in self.path.read_bytes().splitlines()]

    def last(self) -> dict[str, Any]:
        return self.lines()[-1]


@pytest.fixture
def make_log(tmp_path: Path) -> Iterator[Callable[..., Log]]:
    """Makes a log by product and options of ``get_logger``; closed after the test."""
    products = []

    def make(product: str = "ai_chatbot", **options: Any) -> Log:
        products.append(product)
        # Without a thread a line stands in the file when the call returns.
        options = {"clock": lambda: INSTANT, "random_bits": Random(1).getrandbits, "background": False, **options}
        logger = get_logger(product, directory=tmp_path, filename=f"{product}.jsonl", **options)
        return Log(logger, tmp_path / f"{product}.jsonl")

    yield make
    for product in products:
        close_logger(product)


@pytest.fixture
def log(make_log) -> Log:
    """A log of the product ``ai_chatbot``."""
    return make_log()


@pytest.fixture
def strict() -> Callable[[str | bytes], dict[str, Any]]:
    """Parses a line as strict JSON, or fails."""
    return _strict


@pytest.fixture
def sample() -> Callable[..., Event]:
    """Makes an event of a class, with all fields or with the required ones only."""
    return sample_event


def sample_event(event_class: type[Event], *, is_full: bool = True) -> Event:
    info = msgspec.inspect.type_info(event_class)
    assert isinstance(info, msgspec.inspect.StructType)
    return event_class(**{field.name: _value(field.type) for field in info.fields if is_full or field.required})


_VALUES = {
    msgspec.inspect.StrType: "näme 名",
    msgspec.inspect.BoolType: False,
    msgspec.inspect.IntType: 3,
    msgspec.inspect.FloatType: 0.5,
    msgspec.inspect.ListType: ["a", "b"],
    msgspec.inspect.DateTimeType: datetime(2026, 10, 1, 8, 30, tzinfo=UTC),
}


def _value(kind: msgspec.inspect.Type) -> Any:
    match kind:
        case msgspec.inspect.UnionType():
            return _value(next(other for other in kind.types if not isinstance(other, msgspec.inspect.NoneType)))
        case msgspec.inspect.LiteralType():
            return kind.values[-1]
        case msgspec.inspect.Metadata():
            return _value(kind.type)
    return _VALUES[type(kind)]
