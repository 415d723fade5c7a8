"""Bad input has a defined result each, and never costs good input."""

import gzip
import os
from pathlib import Path

import psycopg
import pytest
import zstandard

from loader.aliases import Alias, read_aliases
from loader.errors import RefusedError, UsageError
from tests.conftest import LoaderCommand
from tests.loader.conftest import Ask, Load, event_line, event_lines


def test_dead_letters_keep_line_reason_and_place(tmp_path: Path, load: Load, ask: Ask) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(event_line(1) + b"not json \xff\x00\n" + event_line(2) + b"{}\n")

    summary = load(path)

    assert (summary.lines_read, summary.lines_loaded, summary.lines_rejected) == (4, 2, 2)
    assert ask(
        "select dead.line_number, dead.line, dead.line_bytes, dead.reason, dead.detail, dead.state, files.path"
        " from raw.dead_letters as dead"
        " inner join raw.loads as loads on dead.load_id = loads.load_id"
        " inner join raw.source_files as files on loads.source_file_id = files.source_file_id"
        " order by dead.line_number"
    ) == [
        (2, b"not json \xff\x00", 11, "invalid_utf8", "byte 10 of the line", "new", str(path)),
        (4, b"{}", 2, "missing_event", "event", "new", str(path)),
    ]


def test_columns_hold_the_envelope_as_it_was_written(tmp_path: Path, load: Load, ask: Ask) -> None:
    path = tmp_path / "a.jsonl"
    strange = 'tab\t newline\n return\r backslash\\ "quote" \\N \\. é 😀 \x01\x7f'
    path.write_bytes(
        event_line(3, timestamp="2026-05-01T18:00:00.123456+08:00", logger=strange, level="", note=strange)
        + event_line(4, emitter_id=None, seq=None, tenant_id=None, schema_version=None)
    )

    load(path)

    assert ask(
        "select event, event_id, cast(occurred_at at time zone 'UTC' as text), product, tenant_id, schema_version,"
        " emitter_id, seq, level, logger, payload ->> 'note', line_number,"
        " loaded_on = cast(clock_timestamp() at time zone 'UTC' as date)"
        " from raw.events order by line_number"
    ) == [
        (
            *("session.start", "event-3", "2026-05-01 10:00:00.123456", "ai_chatbot", "default", 1),
            *("emitter-1", 3, "", strange, strange, 1, True),
        ),
        (
            *("session.start", "event-4", "2026-05-01 10:00:00", "ai_chatbot", "default", 1),
            *(None, None, None, None, None, 2, True),
        ),
    ]


def test_every_spelling_of_a_timestamp_that_is_accepted_means_the_same_to_the_database(
    tmp_path: Path, load: Load, ask: Ask
) -> None:
    path = tmp_path / "a.jsonl"
    spellings = [
        "2026-05-01T10:00:00Z",
        "2026-05-01t10:00:00z",
        "2026-05-01 10:00:00Z",
        "2026-05-01T10:00:00.0Z",
        "2026-05-01T10:00:00.000000000Z",
        "2026-05-01T10:00:00-00:00",
        "2026-05-01T12:00:00+02:00",
        "2026-05-01T15:30:00+05:30",
        "2026-04-30T22:15:00-11:45",
        "2026\\u002d05-01T10:00:00Z",
    ]
    path.write_bytes(
        b"".join(
            event_line(number, timestamp="?").replace(b"?", spelling.encode())
            for number, spelling in enumerate(spellings)
        )
    )

    assert load(path).lines_loaded == len(spellings)
    assert ask(
        "select count(*), cast(min(occurred_at) as text), min(occurred_at) = max(occurred_at) from raw.events"
    ) == [(10, ask("select cast(timestamptz '2026-05-01 10:00:00Z' as text)")[0][0], True)]


def test_white_space_inside_a_payload_is_no_end_of_line(tmp_path: Path, load: Load, ask: Ask) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(event_line(1).replace(b"}", b', "list": [1,\t2,\r3]}'))

    load(path)

    assert ask("select payload -> 'list' from raw.events") == [([1, 2, 3],)]


def test_numbers_keep_every_digit_in_the_database(tmp_path: Path, load: Load, ask: Ask) -> None:
    path = tmp_path / "a.jsonl"
    number = "123456789012345678901234567890.12345678901234567890"
    path.write_bytes(event_line(1).replace(b"}", b', "big": ' + number.encode() + b"}"))

    load(path)

    assert ask("select payload ->> 'big' from raw.events") == [(number,)]


def test_a_five_megabyte_line_becomes_a_cut_dead_letter(tmp_path: Path, load: Load, ask: Ask) -> None:
    path = tmp_path / "a.jsonl"
    long_line = event_line(2, note="x" * 5_000_000)
    path.write_bytes(event_line(1) + long_line + event_line(3))

    summary = load(path)

    assert (summary.lines_loaded, summary.lines_rejected) == (2, 1)
    assert ask("select line_number, line, line_bytes, reason, detail from raw.dead_letters") == [
        (2, long_line[:1_048_576], len(long_line) - 1, "line_too_long", "5000250 bytes, the limit is 1048576")
    ]


def test_the_limit_of_a_line_can_be_set(tmp_path: Path, load: Load, ask: Ask) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(event_line(1) + event_line(2, note="x" * 1_000))

    assert load(path, max_line_bytes=500).lines_rejected == 1
    assert ask("select length(line), line_bytes from raw.dead_letters") == [(500, 1_250)]


def test_what_only_the_database_refuses_costs_no_other_line(tmp_path: Path, load: Load, ask: Ask) -> None:
    path = tmp_path / "a.jsonl"
    refused = event_line(2, note=None).replace(b"}", b', "huge": 1e999999}')
    lines = [refused if number in (1, 501, 1_300) else event_line(number) for number in range(1, 1_301)]
    path.write_bytes(b"".join(lines) + b"no json\n")

    summary = load(path)

    assert (summary.lines_read, summary.lines_loaded, summary.lines_rejected) == (1_301, 1_297, 4)
    assert ask("select line_number, line, reason, detail from raw.dead_letters order by line_number") == [
        (1, refused[:-1], "refused_by_database", "SQLSTATE 22003"),
        (501, refused[:-1], "refused_by_database", "SQLSTATE 22003"),
        (1_300, refused[:-1], "refused_by_database", "SQLSTATE 22003"),
        (1_301, b"no json", "not_json", "JSON is malformed: invalid character (byte 4)"),
    ]
    assert ask("select count(distinct line_number) from raw.events") == [(1_297,)]


def test_every_reason_is_allowed_by_the_table(tmp_path: Path, load: Load, ask: Ask) -> None:
    path = tmp_path / "a.jsonl"
    lines = {
        "blank_line": b"\n",
        "line_too_long": event_line(1, note="x" * 20_000),
        "invalid_utf8": b"\xff\n",
        "lone_surrogate": event_line(1, note="\udc00"),
        "nul_character": event_line(1, note="\0"),
        "not_json": b"{\n",
        "not_an_object": b"1\n",
        "too_deep": b"[" * 9_000 + b"\n",
        "missing_event": b"{}\n",
        "missing_field": b'{"event": "session.start"}\n',
        "wrong_type": event_line(1, seq="1"),
        "invalid_value": event_line(1, seq=-1),
        "bad_timestamp": event_line(1, timestamp="never"),
        "refused_by_database": event_line(1).replace(b"}", b', "huge": 1e999999}'),
    }
    lines["too_deep"] = b'{"a": ' + lines["too_deep"]
    path.write_bytes(b"".join(lines.values()))

    load(path, max_line_bytes=10_000)

    assert ask("select reason from raw.dead_letters order by line_number") == [(reason,) for reason in lines]


def test_unknown_events_and_fields_are_loaded(tmp_path: Path, load: Load, ask: Ask) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(event_line(1, event="shop.opened") + event_line(2, colour="red"))

    assert load(path).lines_loaded == 2
    assert ask("select event, payload ->> 'colour' from raw.events order by line_number") == [
        ("shop.opened", None),
        ("session.start", "red"),
    ]


def test_windows_line_ends_and_a_byte_order_mark_are_accepted(tmp_path: Path, load: Load) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + event_lines(1, 3).replace(b"\n", b"\r\n"))

    assert load(path).lines_loaded == 3


def test_a_line_without_an_id_gets_the_same_one_on_every_delivery(tmp_path: Path, load: Load, ask: Ask) -> None:
    line = event_line(1, event_id=None)
    (tmp_path / "a.jsonl").write_bytes(line + line)
    (tmp_path / "b.jsonl").write_bytes(line + event_line(2))

    load(tmp_path)

    assert ask("select count(distinct event_id) from raw.events where event_id like 'derived-%%'") == [(2,)]


@pytest.mark.parametrize("name", ["a.jsonl", "a.ndjson", "a.jsonl.gz", "a.ndjson.zst"])
def test_an_empty_file_is_read_and_has_no_lines(tmp_path: Path, load: Load, ask: Ask, name: str) -> None:
    path = tmp_path / name
    path.write_bytes({".gz": gzip.compress(b""), ".zst": zstandard.compress(b"")}.get(path.suffix, b""))

    summary = load(path)

    assert (summary.files_read, summary.lines_read, summary.errors) == (1, 0, [])
    assert ask("select count(*) from raw.source_files") == [(0,)]


def test_an_archive_of_no_bytes_is_an_empty_file(tmp_path: Path, load: Load) -> None:
    (tmp_path / "a.jsonl.gz").write_bytes(b"")
    (tmp_path / "b.jsonl.zst").write_bytes(b"")

    assert load(tmp_path).files_read == 2


@pytest.mark.parametrize("ending", [".gz", ".zst"])
def test_a_truncated_archive_gives_its_complete_lines_and_goes_on_when_whole(
    tmp_path: Path, load: Load, ask: Ask, ending: str
) -> None:
    # Random text, so that the archive holds several blocks and its front half can be read.
    content = b"".join(event_line(number, note=os.urandom(300).hex()) for number in range(1, 1_001))
    whole = gzip.compress(content) if ending == ".gz" else zstandard.compress(content)
    path = tmp_path / f"a.jsonl{ending}"
    path.write_bytes(whole[: len(whole) // 2])

    summary = load(path)

    loaded = summary.lines_loaded
    assert 0 < loaded < 1_000
    assert (summary.files_refused, summary.lines_rejected) == (1, 0)
    assert [str(error) for error in summary.errors] == [
        f"{path} breaks off or is damaged: {loaded} complete lines were loaded\n"
        "  next: run the command again when it is complete; if it stays so, restore it from its origin"
    ]
    assert load(path).files_refused == 1
    path.write_bytes(whole)
    assert load(path).lines_loaded == 1_000 - loaded
    assert ask("select count(*), count(distinct line_number) from raw.events") == [(1_000, 1_000)]


def test_an_archive_in_the_making_of_a_loaded_file_waits(tmp_path: Path, load: Load, ask: Ask) -> None:
    content = b"".join(event_line(number, note=os.urandom(300).hex()) for number in range(1, 1_001))
    path = tmp_path / "a.jsonl"
    path.write_bytes(content)
    load(path)
    archive = tmp_path / "b.jsonl.gz"
    whole = gzip.compress(content)
    archive.write_bytes(whole[: len(whole) // 2])

    summary = load(archive)

    assert (summary.files_refused, summary.lines_read) == (1, 0)
    archive.write_bytes(whole)
    assert load(archive).lines_read == 0


def test_a_damaged_archive_is_refused_and_others_go_on(tmp_path: Path, load: Load) -> None:
    (tmp_path / "a.jsonl.gz").write_bytes(b"no archive at all")
    (tmp_path / "b.jsonl.zst").write_bytes(b"no archive at all")
    (tmp_path / "c.jsonl").write_bytes(event_lines(1, 3))

    summary = load(tmp_path)

    assert (summary.files_refused, summary.files_read, summary.lines_loaded) == (2, 1, 3)


def test_a_file_that_cannot_be_read_does_not_stop_the_others(tmp_path: Path, load: Load) -> None:
    broken = tmp_path / "a.jsonl"
    broken.symlink_to(broken)
    (tmp_path / "b.jsonl").write_bytes(event_lines(1, 3))

    summary = load(tmp_path)

    assert (summary.files_refused, summary.lines_loaded) == (1, 3)
    assert [str(error) for error in summary.errors] == [
        f"{broken} cannot be read: Too many levels of symbolic links\n"
        "  next: check the file and the rights on it and its folder"
    ]


def test_a_folder_gives_log_files_of_all_kinds_and_nothing_else(tmp_path: Path, load: Load, ask: Ask) -> None:
    inner = tmp_path / "deep" / "deeper"
    inner.mkdir(parents=True)
    (inner / "loop").symlink_to(tmp_path)
    (tmp_path / "a.jsonl").write_bytes(event_line(1))
    (inner / "b.ndjson").write_bytes(event_line(2))
    (inner / "c.jsonl.gz").write_bytes(gzip.compress(event_line(3)))
    (inner / "d.ndjson.zst").write_bytes(zstandard.compress(event_line(4)))
    for name in ("dbt.log", "e.json", "f.jsonl.bz2", "g.jsonl.tmp", "h.gz", "jsonl"):
        (tmp_path / name).write_bytes(event_line(9))
    os.mkfifo(tmp_path / "pipe.jsonl")

    assert load(tmp_path).errors == []
    assert ask("select event_id from raw.events order by event_id") == [(f"event-{number}",) for number in (1, 2, 3, 4)]


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("missing.jsonl", "does not exist"),
        ("notes.txt", "is not named like a log file"),
        ("pipe.jsonl", "is neither a file nor a folder"),
        ("empty", "there are no log files in"),
    ],
)
def test_a_path_without_log_files_is_an_error_of_usage(tmp_path: Path, load: Load, name: str, problem: str) -> None:
    (tmp_path / "notes.txt").touch()
    (tmp_path / "empty").mkdir()
    os.mkfifo(tmp_path / "pipe.jsonl")

    with pytest.raises(UsageError) as caught:
        load(tmp_path / name)

    assert problem in caught.value.what
    assert str(tmp_path / name) in caught.value.what
    assert caught.value.next_step != ""


def test_aliases_come_from_a_seed_of_four_columns(tmp_path: Path) -> None:
    path = tmp_path / "event_aliases.csv"
    path.write_text("alias,event,field,value\nmessage.user,session.message,role,user\norder.query,query.order,,\n")

    assert read_aliases(path) == {
        "message.user": Alias("session.message", "role", "user"),
        "order.query": Alias("query.order", "", ""),
    }
    assert read_aliases(tmp_path / "absent.csv") == {}


@pytest.mark.parametrize("content", [b"name,event\na,b\n", b"alias,event\n,b\n", b"\xff\xfe\x00"])
def test_a_seed_of_aliases_that_makes_no_sense_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "event_aliases.csv"
    path.write_bytes(content)

    with pytest.raises(RefusedError, match=r"event_aliases\.csv"):
        read_aliases(path)


def test_aliases_are_loaded_under_the_name_they_came_with(tmp_path: Path, load: Load, ask: Ask) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(event_line(1, event="message.user", message_length=3) + event_line(2, event="message.user"))

    load(path, aliases={"message.user": Alias("session.message", "role", "user")})

    assert ask("select event, payload ? 'role' from raw.events") == [("message.user", False)]
    assert ask("select reason, detail from raw.dead_letters") == [("missing_field", "message_length")]


def test_a_name_that_is_no_text_is_told_and_stops_no_other_file(
    tmp_path: Path, run_loader: LoaderCommand, ask: Ask
) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "good.jsonl").write_bytes(event_line(1))
    with open(bytes(tmp_path / "logs") + b"/f\xff.jsonl", "wb") as stream:  # noqa: PTH123 - a name in bytes
        stream.write(event_line(2))

    done = run_loader("ingest", "logs")

    assert done.returncode == 4
    assert "the name is not UTF-8" in done.stderr
    assert "Traceback" not in done.stderr
    assert ask("select event_id from raw.events") == [("event-1",)]


def test_an_empty_path_is_an_unset_variable_and_not_the_working_folder(run_loader: LoaderCommand) -> None:
    done = run_loader("ingest", "")
    assert done.returncode == 2
    assert "a path is empty" in done.stderr


def test_a_statement_that_the_database_refuses_is_told_without_its_values(
    tmp_path: Path, run_loader: LoaderCommand, database: str
) -> None:
    (tmp_path / "named-after-somebody.jsonl").write_bytes(event_line(1))
    with psycopg.connect(database) as connection:
        connection.execute("alter table raw.source_files add constraint closed check (path = '')")

    done = run_loader("ingest", tmp_path)

    assert (done.returncode, done.stdout) == (1, "")
    assert "CheckViolation, SQLSTATE 23514, table source_files, constraint closed" in done.stderr
    assert "next: run: loader doctor" in done.stderr
    assert "somebody" not in done.stderr
    assert "Traceback" not in done.stderr
