"""The command ``loader dead-letters``: what it tells, what it keeps to itself, and who may do it."""

import base64
import json
import os
import pty
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from loader.cli_dead_letters import printable
from loader.connection import address
from tests.conftest import LoaderCommand, RunningServer, parsed
from tests.loader.conftest import Ask, Load, event_line, unaccounted
from tests.loader.letters import ALIASES_CSV, STRICT, once_rejected

SECRET = b'{"event": "secret-word \xff\x00\x1b[2J\xe2\x80\xae \\n"'
CUT = b'{"a": "' + b"x" * 2_000 + b'"}'


@pytest.fixture
def letters(tmp_path: Path, load: Load) -> Path:
    """Two files with three dead letters and one: 1 invalid_utf8, 2 missing_field, 3 line_too_long, 4 missing_event."""
    folder = tmp_path / "logs"
    folder.mkdir()
    (folder / "a.jsonl").write_bytes(event_line(1) + SECRET + b"\n" + once_rejected(3) + CUT + b"\n")
    (folder / "b.jsonl").write_bytes(b"{}\n")
    load(folder, aliases=STRICT, max_line_bytes=1_000)
    return folder


def test_list_tells_place_and_reason_and_never_the_line(letters: Path, run_loader: LoaderCommand) -> None:
    done = run_loader("dead-letters", "list")

    assert done.returncode == 0
    assert [line.split("\t") for line in done.stdout.splitlines()] == [
        ["1", "new", "invalid_utf8", f"{letters}/a.jsonl:2", "byte 24 of the line"],
        ["2", "new", "missing_field", f"{letters}/a.jsonl:3", "session_id"],
        ["3", "new", "line_too_long", f"{letters}/a.jsonl:4", "2009 bytes, the limit is 1000"],
        ["4", "new", "missing_event", f"{letters}/b.jsonl:1", "event"],
    ]
    assert done.stderr == (
        "4 dead letters: 1 new invalid_utf8, 1 new line_too_long, 1 new missing_event, 1 new missing_field\n"
    )
    for arguments in (["--json"], ["--state", "all"]):
        assert "secret" not in run_loader("dead-letters", "list", *arguments).stdout


@pytest.mark.parametrize(
    ("filters", "ids"),
    [
        (["--reason", "missing_event"], [4]),
        (["--reason", "missing_event", "--reason", "missing_field"], [2, 4]),
        (["--file", "/b.jsonl"], [4]),
        (["--file", "a.json", "--reason", "missing_event"], []),
        (["--since", "2020-01-01", "--until", "2090-01-01T00:00:00+08:00"], [1, 2, 3, 4]),
        (["--since", "2090-01-01"], []),
        (["--until", "2020-01-01T10:00:00Z"], []),
        (["--load", "1"], [1, 2, 3]),
        (["--state", "retried"], []),
        (["--state", "all", "--limit", "2"], [1, 2]),
    ],
)
@pytest.mark.usefixtures("letters")
def test_filters_choose(run_loader: LoaderCommand, filters: list[str], ids: list[int]) -> None:
    done = run_loader("dead-letters", "list", "--json", *filters)

    assert done.returncode == 0, done.stderr
    assert [letter["dead_letter_id"] for letter in json.loads(done.stdout)["dead_letters"]] == ids


@pytest.mark.usefixtures("letters")
def test_the_list_as_json_has_counts_of_all_and_letters_up_to_the_limit(run_loader: LoaderCommand) -> None:
    found = json.loads(run_loader("dead-letters", "list", "--json", "--limit", "1", "--load", "1").stdout)

    assert found["counts"] == [
        {"reason": reason, "state": "new", "dead_letters": 1}
        for reason in ("invalid_utf8", "line_too_long", "missing_field")
    ]
    [letter] = found["dead_letters"]
    assert (letter["line_number"], letter["line_bytes"], letter["kept_bytes"], letter["is_cut"]) == (2, 36, 36, False)
    assert "line" not in letter


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["list", "--reason", "bad_luck"], "'bad_luck' is not one of"),
        (["list", "--since", "yesterday"], "'yesterday' is no instant such as 2026-05-01"),
        (["list", "--load", "99999999999999999999"], "is not in the range"),
        (["show", "17"], "there is no dead letter 17\n  next: see which there are: loader dead-letters list"),
        (["retry", "1", "17"], "there is no dead letter 17\n"),
        (["discard", "--yes", "17"], "there is no dead letter 17\n"),
        (["retry"], "no dead letters are chosen\n  next: give either ids or filters, or --all"),
        (["discard", "--yes"], "no dead letters are chosen"),
        (["retry", "--all", "1"], "--all leaves nothing to choose"),
        (["export"], "the lines may hold personal data\n  next: give --reveal if you want them"),
    ],
)
@pytest.mark.usefixtures("letters")
def test_wrong_usage_is_told_and_changes_nothing(
    run_loader: LoaderCommand, ask: Ask, arguments: list[str], words: str
) -> None:
    done = run_loader("dead-letters", *arguments)

    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert ask("select distinct state from raw.dead_letters") == [("new",)]


def test_show_tells_all_but_the_line(letters: Path, run_loader: LoaderCommand) -> None:
    done = run_loader("dead-letters", "show", "1")

    assert (done.returncode, done.stderr) == (0, "")
    values = dict(line.split(maxsplit=1) for line in done.stdout.splitlines())
    assert (values.pop("recorded_at")[:4].isdigit(), values) == (
        True,
        {
            "dead_letter_id": "1",
            "state": "new",
            "reason": "invalid_utf8",
            "detail": "byte 24 of the line",
            "path": f"{letters}/a.jsonl",
            "source_file_id": "1",
            "line_number": "2",
            "line_bytes": "36",
            "kept_bytes": "36",
            "load_id": "1",
            "is_cut": "False",
        },
    )


@pytest.mark.usefixtures("letters")
def test_a_revealed_line_is_escaped_on_the_terminal_and_whole_in_json(run_loader: LoaderCommand) -> None:
    shown = run_loader("dead-letters", "show", "1", "--reveal").stdout.splitlines()[-1]
    assert shown == r'line            {"event": "secret-word \xff\x00\x1b[2J\u202e \\n"'

    found = json.loads(run_loader("dead-letters", "show", "1", "--reveal", "--json").stdout)
    assert base64.b64decode(found["line_base64"]) == SECRET


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (b"plain \xc3\xa9 \xf0\x9f\x98\x80", "plain é 😀"),
        (b"\\xff\xff", r"\\xff\xff"),
        (b"\t\r\x7f\xc2\x85", r"\t\r\x7f\x85"),
        ("\u202e\\ \n\ud800", r"\u202e\\ \n\ud800"),
    ],
)
def test_what_is_printed_can_be_told_from_what_is_escaped(line: str | bytes, shown: str) -> None:
    assert printable(line) == shown


@pytest.mark.usefixtures("letters")
def test_exported_lines_are_the_bytes_of_the_file(tmp_path: Path, run_loader: LoaderCommand) -> None:
    out = tmp_path / "letters.json"
    done = run_loader("dead-letters", "export", "--reveal", "--load", "1", "--output", out)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "3 dead letters written\n")
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    found = [json.loads(line) for line in out.read_bytes().splitlines()]
    assert [(row["line_number"], base64.b64decode(row["line_base64"]), row["is_cut"]) for row in found] == [
        (2, SECRET, False),
        (3, once_rejected(3)[:-1], False),
        (4, CUT[:1_000], True),
    ]
    to_stdout = run_loader("dead-letters", "export", "--reveal", "--load", "1")
    assert [json.loads(line) for line in to_stdout.stdout.splitlines()] == found


@pytest.mark.usefixtures("letters")
def test_raw_export_is_lines_that_can_be_mended_and_loaded(tmp_path: Path, run_loader: LoaderCommand) -> None:
    out = tmp_path / "mended.jsonl"
    done = run_loader("dead-letters", "export", "--reveal", "--raw", "--output", out)

    assert (done.returncode, done.stderr) == (
        0,
        "3 dead letters written\n1 left out: only the beginnings of their lines are kept\n",
    )
    assert out.read_bytes() == SECRET + b"\n" + once_rejected(3) + b"{}\n"


@pytest.mark.usefixtures("letters")
def test_an_export_overwrites_nothing_and_leaves_nothing_half_written(
    tmp_path: Path, run_loader: LoaderCommand, ask: Ask
) -> None:
    out = tmp_path / "letters.json"
    out.write_text("mine")
    done = run_loader("dead-letters", "export", "--reveal", "--output", out)
    assert (done.returncode, done.stderr) == (
        4,
        f"loader: {out} exists already\n  next: give --output a new name\n",
    )
    assert out.read_text() == "mine"

    done = run_loader("dead-letters", "export", "--reveal", "--output", tmp_path / "no folder" / "letters.json")
    assert (done.returncode, "No such file or directory" in done.stderr) == (4, True)

    out.unlink()
    done = run_loader("dead-letters", "export", "--reveal", "--output", out, env={"DATABASE_URL": "postgresql://"})
    assert (done.returncode, out.exists()) == (4, False)


def test_raw_lines_are_not_sent_to_a_terminal(letters: Path, database: str, server: RunningServer) -> None:
    ours, theirs = pty.openpty()
    done = subprocess.run(
        [sys.executable, "-m", "loader", "dead-letters", "export", "--reveal", "--raw"],
        env=server.environment | {"DATABASE_URL": database, "TERM": "xterm"},
        stdout=theirs,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(theirs)
    os.close(ours)
    assert (done.returncode, done.stderr) == (
        2,
        "loader: raw lines could steer this terminal\n  next: give --output FILE, or leave --raw out\n",
    )


def test_retry_says_what_became_of_the_lines(letters: Path, run_loader: LoaderCommand, ask: Ask) -> None:
    strict = letters / "aliases.csv"
    strict.write_text(ALIASES_CSV)

    still = run_loader("dead-letters", "retry", "2", env={"LOADER_EVENT_ALIASES": str(strict)})
    assert (still.returncode, still.stdout, still.stderr) == (
        3,
        "",
        "0 lines loaded, 1 still rejected\n"
        "loader: 1 lines break the event contract still\n  next: see why: loader dead-letters list\n",
    )
    done = run_loader("dead-letters", "retry", "2", "--json")
    assert (done.returncode, json.loads(done.stdout), done.stderr) == (
        0,
        {"loaded": 1, "rejected": 0, "cut": 0, "settled": 0},
        "1 lines loaded, 0 still rejected\n",
    )
    again = run_loader("dead-letters", "retry", "--all")
    assert (again.returncode, again.stderr) == (
        4,
        "0 lines loaded, 2 still rejected, 1 cut, 1 dealt with before\n"
        "loader: 1 lines were cut when they were read: their beginnings cannot be loaded for them\n"
        "  next: copy the whole lines from their files into a new file, load that with a higher --max-line-bytes, "
        "and discard these: loader dead-letters list --reason line_too_long\n",
    )
    assert ask("select line_number from raw.events order by 1") == [(1,), (3,)]


@pytest.mark.usefixtures("letters")
def test_a_discarded_line_is_deleted_and_stays_counted(run_loader: LoaderCommand, ask: Ask) -> None:
    done = run_loader("dead-letters", "discard", "--reason", "invalid_utf8", "--reason", "line_too_long", "--yes")

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "2 dead letters discarded\n")
    assert unaccounted(ask) == []
    assert ask("select dead_letter_id, state, line is null, settled_at is null from raw.dead_letters order by 1") == [
        (1, "discarded", True, False),
        (2, "new", False, True),
        (3, "discarded", True, False),
        (4, "new", False, True),
    ]
    again = run_loader("dead-letters", "discard", "1", "--yes", "--json")
    assert (again.returncode, json.loads(again.stdout)) == (0, {"discarded": 0})
    shown = run_loader("dead-letters", "show", "1", "--reveal")
    assert (shown.returncode, shown.stderr) == (0, "the line is not kept any more\n")
    retried = run_loader("dead-letters", "retry", "1")
    assert (retried.returncode, retried.stderr) == (0, "0 lines loaded, 0 still rejected, 1 dealt with before\n")


@pytest.mark.usefixtures("letters")
def test_discard_asks_first(run_loader: LoaderCommand, ask: Ask) -> None:
    done = run_loader("dead-letters", "discard", "--all")

    assert done.returncode == 130
    assert done.stderr.startswith("delete the bytes of 4 dead letters for good? [y/N]: ")
    assert ask("select distinct state from raw.dead_letters") == [("new",)]


def test_a_path_cannot_steer_the_terminal(tmp_path: Path, load: Load, run_loader: LoaderCommand) -> None:
    path = tmp_path / "a\x1b[2J\n.jsonl"
    path.write_bytes(b"{}\n")
    load(path)

    assert r"a\x1b[2J\n.jsonl:1" in run_loader("dead-letters", "list").stdout
    assert r"a\x1b[2J\n.jsonl" in run_loader("dead-letters", "show", "1").stdout


@pytest.fixture
def watcher(server: RunningServer, database: str, letters: Path) -> Iterator[str]:
    """Address of an account that is a member of transformer and nothing else."""
    with psycopg.connect(**server.parameters("postgres"), autocommit=True) as connection:
        connection.execute("create role watcher login password 'for this test' in role transformer")
        try:
            yield address(parsed(database) | {"user": "watcher", "password": "for this test"})
        finally:
            connection.execute("drop role watcher")


def test_who_may_read_raw_may_look_at_dead_letters_and_only_the_owner_may_change_them(
    watcher: str, run_loader: LoaderCommand, ask: Ask, tmp_path: Path
) -> None:
    def run(*arguments: Any) -> subprocess.CompletedProcess[str]:
        return run_loader("dead-letters", *arguments, env={"DATABASE_URL": watcher})

    assert [run(*read).returncode for read in (["list"], ["show", "1", "--reveal"], ["export", "--reveal"])] == [0] * 3
    for change in (["retry", "--all"], ["discard", "--all", "--yes"]):
        done = run(*change)
        assert (done.returncode, done.stderr.split(": permission denied")[0].split(" in the ")[0]) == (
            4,
            "loader: watcher may not change dead letters",
        )
        assert done.stderr.endswith("\n  next: connect as the database's owner\n")
    assert ask("select distinct state from raw.dead_letters") == [("new",)]


def test_a_database_that_is_not_set_up_is_told(server: RunningServer, run_loader: LoaderCommand) -> None:
    empty = address(server.parameters("postgres"))
    for arguments in (["list"], ["retry", "--all"], ["discard", "--all", "--yes"]):
        done = run_loader("dead-letters", *arguments, env={"DATABASE_URL": empty})
        assert (done.returncode, done.stderr.splitlines()[-1]) == (4, "  next: run: loader init")
