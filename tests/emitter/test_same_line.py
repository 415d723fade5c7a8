"""Whatever is passed, the ways to a line agree byte for byte: `emit`, `info`, a log record, a look at every field."""

from collections.abc import Iterator
from datetime import UTC, datetime
from random import Random

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from emitter import (
    ENVELOPE_FIELDS,
    EVENTS,
    EventFileHandler,
    EventFormatter,
    SessionStart,
    bind,
    close_logger,
    get_logger,
)
from emitter._envelope import clock_json

TEXTS = st.text(max_size=8) | st.sampled_from(
    ["a\0b", "\ud800", "NaN", "Infinity", "null", "\\u0000", "IN", "jane@example.com", "café", "\N{PILE OF POO}", '"']
)
VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.decimals(),
        st.datetimes(timezones=st.none() | st.just(UTC)),
        st.builds(object),
        TEXTS,
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=4,
)
KEYS = TEXTS | st.sampled_from([*ENVELOPE_FIELDS, "session_id", "text", "error_message", "message", "name", "args"])
NAMES = st.sampled_from([*EVENTS, "message.user", "no.such_event", "could not reach jane@example.com", "%s", ""])
EXTRAS = st.none() | st.dictionaries(KEYS, VALUES, max_size=3)
BOUND = st.dictionaries(
    st.sampled_from(["session_id", "tenant_id", "region", "site", "text", "error_message", "timestamp"]),
    TEXTS | VALUES,
    max_size=3,
)
TENANTS = st.none() | TEXTS
INSTANTS = st.floats(0, 4e9) | st.integers(0, 4 * 10**9)


class _InFull(EventFormatter):
    """As a class of its own it never takes the short way."""


@pytest.fixture
def event(sample):
    """A strategy: events of the contract with right and wrong values, and names."""

    def build(event_class):
        right = sample(event_class)
        fields = event_class.__struct_fields__
        mixed = {field: st.sampled_from([getattr(right, field)] * 5 + [None]) | VALUES for field in fields}
        return st.sampled_from([right, sample(event_class, is_full=False)]) | st.builds(event_class, **mixed)

    return NAMES | st.sampled_from([*EVENTS.values()]).flatmap(build)


def _lines(folder, event, tenant_id, extra, bound, now, *, captures: bool) -> Iterator[tuple[str | None, bytes]]:
    """What each way returns and writes."""
    options = {"clock": lambda: now, "capture_text": captures}
    recorded = extra if tenant_id is None else {**(extra or {}), "tenant_id": tenant_id}
    for way in ("emit", "info", "record", "in full"):
        log = get_logger("ways", directory=folder, filename="x.jsonl", random_bits=Random(1).getrandbits, **options)
        if way == "record":
            log.addFilter(_lets_pass)
        if way == "in full":
            formatter = _InFull("ways", random_bits=Random(1).getrandbits, **options)
            log.handlers[:] = [EventFileHandler("ways", folder, formatter, filename="x.jsonl")]
        try:
            with bind(**bound):
                if way == "emit":
                    returned = log.emit_with_id(event, tenant_id=tenant_id, extra=extra)
                else:
                    returned = log.info(event, extra=recorded)
        finally:
            log.removeFilter(_lets_pass)
            close_logger("ways")
        path = folder / "x.jsonl"
        yield returned, path.read_bytes() if path.exists() else b""
        path.unlink(missing_ok=True)


def _lets_pass(record) -> bool:
    return True


def test_all_ways_write_the_same_bytes(tmp_path, event, strict, capfd):
    @settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.too_slow])
    @given(event, TENANTS, EXTRAS, BOUND, INSTANTS, st.booleans())
    @example(SessionStart(session_id=None, channel="web"), None, None, {}, 1_790_000_000, False)
    @example(SessionStart(session_id="s1", channel="web"), "NaN", {}, {}, 1_790_000_000.999_999_9, False)
    def check(event, tenant_id, extra, bound, now, captures):
        (event_id, line), *others = _lines(tmp_path, event, tenant_id, extra, bound, now, captures=captures)
        assert [other for _, other in others] == [line] * 3
        # Only a timestamp outside of the calendar loses a line.
        assert event_id == (strict(line)["event_id"] if line else None)

    check()


def test_instant_of_the_clock_is_written_as_isoformat_does():
    @settings(deadline=None, max_examples=500)
    @given(st.floats(-6e10, 2.5e11) | st.integers(-(10**10), 10**11))
    @example(1_790_000_000)
    @example(1_790_000_000.999_999_6)
    @example(0.000_000_5)
    def check(now):
        expected = datetime.fromtimestamp(now, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        assert clock_json(now) == f'"{expected}"'

    check()
