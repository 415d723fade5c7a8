"""Any bytes in: never an exception, every line accounted for, and what is rejected is kept as it was."""

import gzip
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loader.aliases import Alias
from tests.conftest import LoaderCommand
from tests.loader.conftest import Ask, Load, event_line, unaccounted
from tests.loader.letters import STRICT, once_rejected, retry

PACKINGS: dict[str, Callable[[bytes], bytes]] = {
    ".jsonl": bytes,
    ".jsonl.gz": gzip.compress,
    ".ndjson.zst": zstandard.compress,
}
#: Rules that may differ between the first reading and the retry.
RULES: list[dict[str, Alias]] = [{}, STRICT, {"chat.begun": Alias("ticket.created", "", "")}]

_good = st.builds(
    lambda line, number, ids: line(number, **ids),
    st.sampled_from([event_line, once_rejected]),
    st.integers(1, 99),
    st.sampled_from([{}, {"event_id": None}]),
)
_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
_json = st.builds(lambda value: json.dumps(value).encode() + b"\n", _values)
_fields = st.dictionaries(
    st.sampled_from(["event", "event_id", "timestamp", "tenant_id", "seq", "session_id", "level", "more"]),
    _values,
    max_size=3,
)
_odd_event = st.builds(lambda number, fields: event_line(number, **fields), st.integers(1, 99), _fields)


@st.composite
def _damaged(draw: st.DrawFn) -> bytes:
    """A good line of which some bytes are replaced."""
    line = bytearray(draw(_good))
    for place in draw(st.lists(st.integers(0, len(line) - 1), min_size=1, max_size=3)):
        line[place] = draw(st.integers(0, 255))
    return bytes(line)


_pieces = st.one_of(
    _good,
    _damaged(),
    _odd_event,
    _json,
    st.binary(max_size=40),
    st.sampled_from(
        [b"\n", b"\r\n", b"\0", b"\xef\xbb\xbf", b"[" * 2_000, b'{"a":' * 2_000, b'"\\u0000\\ud800"', b"NaN"]
    ),
)


@dataclass(frozen=True)
class Case:
    """A content, how it is packed, under which rules it is read, and under which again."""

    content: bytes
    name: str
    rules: dict[str, Alias]
    later_rules: dict[str, Alias]
    max_line_bytes: int
    batch_lines: int

    def lines(self) -> list[bytes]:
        """The complete lines, which a plain file ends with a newline and an archive need not."""
        lines = self.content.split(b"\n")
        last = lines.pop()
        return [*lines, last] if last and self.name != ".jsonl" else lines


cases = st.builds(
    Case,
    st.lists(_pieces, max_size=12).map(b"".join),
    st.sampled_from(sorted(PACKINGS)),
    st.sampled_from(RULES),
    st.sampled_from(RULES),
    st.sampled_from([1, 100, 300, 1_048_576]),
    st.sampled_from([1, 3, 20_000]),
)
FRESH = settings(max_examples=150, suppress_health_check=[*HealthCheck])


def test_any_content_is_accounted_for_and_so_it_stays_after_a_retry(
    tmp_path: Path, database: str, load: Load, ask: Ask
) -> None:
    numbers = iter(range(1_000_000))

    @settings(FRESH)
    @given(cases)
    def accounted_for(case: Case) -> None:
        path = tmp_path / f"{next(numbers)}{case.name}"
        # A first line of its own, so that no content is known from another example.
        own = b"%d\n" % next(numbers)
        lines = [own[:-1], *case.lines()]
        path.write_bytes(PACKINGS[case.name](own + case.content))

        summary = load(path, aliases=case.rules, max_line_bytes=case.max_line_bytes, batch_lines=case.batch_lines)

        assert summary.errors == []
        assert summary.lines_read == len(lines)
        assert_whole(ask, path, lines, case.max_line_bytes)
        rejected = summary.lines_rejected
        retried = retry(database, aliases=case.later_rules, batch_lines=case.batch_lines, file=str(path))
        assert retried.loaded + retried.rejected + retried.cut == rejected
        assert_whole(ask, path, lines, case.max_line_bytes)

    accounted_for()


def assert_whole(ask: Ask, path: Path, lines: list[bytes], max_line_bytes: int) -> None:
    """Each line of a file is an event or a dead letter, once, and every open dead letter holds its bytes."""
    assert unaccounted(ask) == []
    [(source_file_id,)] = ask("select source_file_id from raw.source_files where path = %s", str(path))
    events = ask("select line_number from raw.events where source_file_id = %s", source_file_id)
    letters = ask(
        "select line_number, line, line_bytes from raw.dead_letters where source_file_id = %s and state = 'new'",
        source_file_id,
    )
    assert sorted([number for (number,) in events] + [letter[0] for letter in letters]) == list(
        range(1, len(lines) + 1)
    )
    assert [(line, length) for _, line, length in letters] == [
        (lines[number - 1][:max_line_bytes], len(lines[number - 1])) for number, *_ in letters
    ]


def test_any_bytes_for_an_archive_are_read_or_refused(tmp_path: Path, load: Load, ask: Ask) -> None:
    numbers = iter(range(1_000_000))
    whole = [pack(event_line(1) * 50 + b"no json\n") for pack in (gzip.compress, zstandard.compress)]
    beginnings = st.builds(lambda archive, length: archive[:length], st.sampled_from(whole), st.integers(0, 200))
    joined = st.lists(beginnings | st.sampled_from(whole) | st.binary(max_size=60), max_size=3).map(b"".join)

    @settings(FRESH)
    @given(joined, st.sampled_from([".jsonl.gz", ".jsonl.zst"]))
    def read_or_refused(content: bytes, ending: str) -> None:
        path = tmp_path / f"{next(numbers)}{ending}"
        path.write_bytes(content)

        summary = load(path)

        assert (summary.files_read + summary.files_refused, summary.files_failed) == (1, 0)
        assert summary.lines_read == summary.lines_loaded + summary.lines_rejected

    read_or_refused()


def test_random_bytes_through_the_command_end_with_dead_letters(
    tmp_path: Path, run_loader: LoaderCommand, ask: Ask
) -> None:
    content = os.urandom(100_000) + b"\n"
    (tmp_path / "a.jsonl").write_bytes(content)
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(b"\0" + content))

    done = run_loader("ingest", tmp_path)

    assert done.returncode == 3, done.stderr
    assert unaccounted(ask) == []
    retried = run_loader("dead-letters", "retry", "--all")
    assert retried.returncode == 3, retried.stderr
    lines = ask("select line from raw.dead_letters where load_id = 1 order by line_number")
    assert b"".join(line + b"\n" for (line,) in lines) == content
