"""Erasure: one person's lines are nowhere any more, all others are where they were, and every line is accounted for."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest

from loader.archive import archive
from loader.connection import connect
from loader.erase import Erased, erase, erase_latecomers
from loader.erase_search import Subject
from loader.errors import ArchiveError, DatabaseError, EraseError
from loader.person import Kind
from loader.prune import prune
from tests.conftest import LoaderCommand, RunningServer, parsed
from tests.loader.conftest import CUTOFF, OLD, TODAY, Ask, Load, event_line, move, unaccounted

TICKET = {"event": "ticket.created", "source": "chat", "type": "refund", "priority": "normal", "channel": None}
HUB = {"event": "hub.message", "speaker": "them", "channel": None, "session_id": None}
#: Of the customer C-1, whose session is s1; the last one is of the ticket that came of the session.
THEIRS = [
    event_line(1, session_id="s1", customer_id="C-1"),
    event_line(2, session_id="s1", event="session.feedback", helpful=True),
    event_line(3, **TICKET, session_id=None, ticket_id="t1", customer_id="C-1"),
    event_line(4, **TICKET, session_id="s1", ticket_id="t2"),
    event_line(5, event="ticket.closed", session_id=None, ticket_id="t2"),
]
OTHERS = [
    event_line(11, session_id="s2", customer_id="C-12"),
    event_line(12, **TICKET, session_id="s2", ticket_id="t3", customer_id="C-12"),
    event_line(13, session_id="s3", note="C-1"),
    event_line(14, **HUB, thread_id="th1", contact_id="K-1"),
    event_line(15, **HUB | {"event": "hub.thread_resolved", "speaker": None}, thread_id="th1"),
]
THEIR_LETTERS = [b'{"customer_id": "C-1", "session_id": "s1"}\n', b'{"broken": "s1"\n']
OTHER_LETTERS = [b'{"customer_id": "C-12"}\n', b'{"broken": "s12"\n']
CUSTOMER = Subject("customer", "C-1")


@pytest.fixture
def loaded(tmp_path: Path, load: Load) -> Path:
    """One file with lines of a person and of others, good and bad ones."""
    file = tmp_path / "a.jsonl"
    file.write_bytes(b"".join([*THEIRS, *OTHERS, *THEIR_LETTERS, *OTHER_LETTERS]))
    load(file)
    return file


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "archive"


def erased(database: str, subject: Subject = CUSTOMER, archives: Iterable[Path] = (), **options: bool) -> Erased:
    with connect(parsed(database)) as link:
        return erase(link, subject, archives, **options)


def archived(database: str, folder: Path) -> None:
    with connect(parsed(database)) as link:
        archive(link, folder, TODAY)


def events(ask: Ask) -> list[str]:
    return [row[0] for row in ask("select event_id from raw.events order by line_number")]


def archived_events(folder: Path) -> list[str]:
    with duckdb.connect() as duck:
        found = duck.execute("select event_id from read_parquet(?) order by line_number", [f"{folder}/*/*.parquet"])
        return [row[0] for row in found.fetchall()]


def ids(lines: Iterable[bytes]) -> list[str]:
    return [json.loads(line)["event_id"] for line in lines]


def tables_with(ask: Ask, *words: str) -> set[str]:
    """Tables of raw that hold one of the words, as text or as bytes."""
    forms = [form for word in words for form in (word, word.encode().hex())]
    names = [name for (name,) in ask("select tablename from pg_tables where schemaname = 'raw'")]
    return {
        name
        for name in names
        for (row,) in ask(f"select to_jsonb(rows)::text from raw.{name} as rows")  # names of the catalog
        if any(form in row for form in forms)
    }


def test_a_customers_lines_go_with_their_sessions_and_tickets(loaded: Path, database: str, ask: Ask) -> None:
    found = erased(database)
    assert found == Erased(1, 2, 0, len(THEIRS), len(THEIR_LETTERS), 0, 0, [str(loaded)])
    assert events(ask) == ids(OTHERS)
    assert [bytes(line) + b"\n" for (line,) in ask("select line from raw.dead_letters order by line_number")] == (
        OTHER_LETTERS
    )
    assert unaccounted(ask) == []


@pytest.mark.parametrize(
    ("kind", "value", "gone"),
    [
        ("session", "s1", [THEIRS[0], THEIRS[1], THEIRS[3], THEIRS[4]]),
        ("contact", "K-1", OTHERS[3:]),
        ("customer", "C-12", OTHERS[:2]),
    ],
)
def test_sessions_and_contacts_are_erased_whole(
    loaded: Path, database: str, ask: Ask, kind: Kind, value: str, gone: list[bytes]
) -> None:
    erased(database, Subject(kind, value))
    assert events(ask) == ids(line for line in [*THEIRS, *OTHERS] if line not in gone)
    assert unaccounted(ask) == []


@pytest.mark.usefixtures("loaded")
def test_what_is_recorded_does_not_tell_who_it_was(database: str, ask: Ask) -> None:
    assert tables_with(ask, '"s1"', '"C-1"', '"t2"') > {"events", "dead_letters"}
    erased(database)
    # A note of another session holds the same letters.
    assert tables_with(ask, '"s1"', '"t2"') == set()
    [(kind, tenant, id_hash)] = ask("select kind, tenant_id, id_hash from raw.erasures")
    assert (kind, tenant, len(id_hash)) == ("customer", "default", 32)
    assert ask("select kind, count(*), bool_and(erased_before = 'infinity') from raw.erased_cases group by 1") == [
        ("customer", 1, False), ("session", 1, True), ("ticket", 2, True)
    ]  # fmt: skip
    assert ask("select kind from raw.erased_cases where case_hash = %s", id_hash) == [("customer",)]


@pytest.mark.usefixtures("loaded")
def test_an_erasure_twice_finds_nothing_the_second_time(database: str) -> None:
    erased(database)
    found = erased(database, Subject("customer", "C-1", "default"))
    assert (found.events, found.dead_letters, found.sessions) == (0, 0, 0)


def test_a_dry_run_counts_and_erases_nothing(loaded: Path, database: str, ask: Ask, folder: Path) -> None:
    move(ask, OLD)
    archived(database, folder)
    found = erased(database, archives=[folder], dry_run=True)
    assert found == Erased(1, 2, 0, len(THEIRS), len(THEIR_LETTERS), 0, len(THEIRS), [str(loaded)])
    assert ask("select (select count(*) from raw.erasures), (select count(*) from raw.erased_cases)") == [(0, 0)]
    assert events(ask) == archived_events(folder) == ids([*THEIRS, *OTHERS])


def test_an_id_that_two_tenants_have_needs_its_tenant(
    loaded: Path, tmp_path: Path, load: Load, database: str, ask: Ask
) -> None:
    (tmp_path / "b.jsonl").write_bytes(event_line(21, session_id="s1", customer_id="C-1", tenant_id="harbor"))
    load(tmp_path / "b.jsonl")
    with pytest.raises(
        EraseError, match=r"^2 tenants have a customer with this id, .*\n  next: name one of them: --tenant$"
    ):
        erased(database)
    erased(database, Subject("customer", "C-1", "harbor"))
    assert events(ask) == ids([*THEIRS, *OTHERS])


@pytest.mark.usefixtures("loaded")
def test_an_id_that_nobody_has_is_refused_unless_its_tenant_is_named(database: str, ask: Ask) -> None:
    with pytest.raises(EraseError, match=r"^no event names a customer with this id\n  next: name its tenant"):
        erased(database, Subject("customer", "C-0"))
    assert erased(database, Subject("customer", "C-0", "default")).events == 0
    assert ask("select kind from raw.erased_cases") == [("customer",)]


def test_the_archive_is_rewritten_where_it_holds_them(
    loaded: Path, tmp_path: Path, load: Load, database: str, ask: Ask, folder: Path
) -> None:
    move(ask, OLD)
    (tmp_path / "b.jsonl").write_bytes(OTHERS[0].replace(b"event-11", b"event-31"))
    load(tmp_path / "b.jsonl")
    move(ask, CUTOFF)
    archived(database, folder)
    untouched = (folder / f"loaded_on={CUTOFF}" / "events.parquet").stat()
    found = erased(database, archives=[folder])
    assert found.archived_lines == len(THEIRS)
    assert sorted(archived_events(folder)) == sorted([*ids(OTHERS), "event-31"])
    file = folder / f"loaded_on={OLD}" / "events.parquet"
    assert file.stat().st_mode & 0o777 == 0o600
    now = (folder / f"loaded_on={CUTOFF}" / "events.parquet").stat()
    assert (now.st_ino, now.st_mtime_ns) == (untouched.st_ino, untouched.st_mtime_ns)
    assert ask("select lines_count, file_bytes from raw.archived_days order by 1 desc") == [
        (5, file.stat().st_size), (1, untouched.st_size)
    ]  # fmt: skip
    assert list(folder.glob("*/.*")) == []
    # It is as complete as raw is now.
    with connect(parsed(database)) as link:
        assert archive(link, folder, TODAY).days == 0


@pytest.mark.usefixtures("loaded", "is_built")
def test_who_is_in_the_archive_alone_is_found_there(database: str, ask: Ask, folder: Path) -> None:
    move(ask, OLD)
    archived(database, folder)
    with connect(parsed(database)) as link:
        prune(link, CUTOFF)
    found = erased(database, archives=[folder])
    assert (found.sessions, found.tickets, found.events, found.archived_lines) == (1, 2, 0, len(THEIRS))
    assert archived_events(folder) == ids(OTHERS)
    assert unaccounted(ask) == []


@pytest.mark.usefixtures("loaded", "is_built")
def test_what_was_erased_is_not_counted_as_pruned(database: str, ask: Ask) -> None:
    move(ask, OLD)
    erased(database)
    with connect(parsed(database)) as link:
        pruned = prune(link, CUTOFF)
    assert pruned
    assert (pruned.events, pruned.dead_letters) == (len(OTHERS), len(OTHER_LETTERS))
    assert unaccounted(ask) == []


@pytest.mark.usefixtures("loaded")
def test_an_archive_that_is_not_named_is_not_forgotten(database: str, ask: Ask, folder: Path) -> None:
    move(ask, OLD)
    archived(database, folder)
    with pytest.raises(
        EraseError, match=r"^1 archives of this database are not named, one was last seen in .*archive\n"
    ):
        erased(database)
    assert erased(database, are_all_archives=True).archived_lines == 0
    with pytest.raises(ArchiveError, match="is no archive\n"):
        erased(database, archives=[folder.parent])


@pytest.mark.usefixtures("loaded")
def test_an_erasure_that_is_killed_has_erased_nothing(
    database: str, server: RunningServer, ask: Ask, folder: Path
) -> None:
    move(ask, OLD)
    archived(database, folder)
    new = folder / f"loaded_on={OLD}" / ".events.parquet.new"
    with psycopg.connect(database) as other, psycopg.connect(database, autocommit=True) as onlooker:
        # It has written the new file, and waits for the table in which files are recorded.
        other.execute("lock table raw.archived_days in share mode")
        command = [sys.executable, "-m", "loader", "erase", "--customer", "C-1", "--archive", folder]
        with subprocess.Popen(command, env=server.environment | {"DATABASE_URL": database}, cwd="/") as process:
            while not onlooker.execute("select 1 from pg_locks where not granted and relation is not null").fetchone():
                assert process.poll() is None
            process.send_signal(signal.SIGKILL)
        assert new.exists()
        while onlooker.execute("select 1 from pg_stat_activity where application_name = 'loader'").fetchone():
            other.rollback()
    assert events(ask) == archived_events(folder) == ids([*THEIRS, *OTHERS])
    assert erased(database, archives=[folder]).events == len(THEIRS)
    assert (archived_events(folder), new.exists()) == (ids(OTHERS), False)


@pytest.mark.usefixtures("loaded")
def test_a_build_that_is_at_work_is_not_disturbed(database: str, ask: Ask) -> None:
    with psycopg.connect(database) as build:
        build.execute("select pg_advisory_lock_shared(740214, 1)")
        with pytest.raises(DatabaseError, match=r"^a dbt build of this database is at work\n  next: run this again"):
            erased(database)


@pytest.mark.usefixtures("loaded")
def test_no_other_role_erases(database: str) -> None:
    for role in ("loader", "transformer"):
        with (
            connect(parsed(database) | {"options": f"-c role={role}"}) as link,
            pytest.raises(DatabaseError, match="connect as the database's owner"),
        ):
            erase(link, CUSTOMER)


@pytest.mark.usefixtures("loaded")
def test_latecomers_are_known_to_the_warehouse_alone(database: str) -> None:
    with connect(parsed(database)) as link, pytest.raises(EraseError, match=r"^the warehouse is not built"):
        erase_latecomers(link)


def test_the_command_says_what_it_did_and_what_is_left_to_do(run_loader: LoaderCommand, loaded: Path) -> None:
    counted = "5 lines of raw.events, 2 dead letters, 0 archived lines and 0 lines of pruned days, with 1 sessions, 2 "
    tried = run_loader("erase", "--customer", "C-1", "--dry-run")
    assert (tried.returncode, tried.stdout) == (0, "")
    assert tried.stderr.startswith(f"would erase {counted}")
    done = run_loader("erase", "--customer", "C-1", "--json")
    assert done.returncode == 0
    assert done.stderr == (
        f"erased {counted}tickets and 0 threads\n"
        f"the log files themselves are yours to delete; the lines came from:\n  {loaded}\n"
        "  next: dbt build, which erases what was made of them\n"
    )
    told: dict[str, Any] = json.loads(done.stdout)
    assert (told["events"], told["log_files"]) == (5, [str(loaded)])
    assert "C-1" not in done.stderr + done.stdout


@pytest.mark.usefixtures("loaded")
def test_an_id_may_come_by_stdin(database: str, server: RunningServer, ask: Ask) -> None:
    command = [sys.executable, "-m", "loader", "erase", "--customer", "-"]
    environment = server.environment | {"DATABASE_URL": database}
    done = subprocess.run(command, input="C-1\n", env=environment, cwd="/", text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert events(ask) == ids(OTHERS)


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--session", "a", "--customer", "b"),
        ("--latecomers", "--tenant", "t"),
        ("--customer", ""),
        ("--customer", "\t"),
    ],
)
def test_it_must_be_clear_who_is_meant(run_loader: LoaderCommand, arguments: tuple[str, ...]) -> None:
    assert run_loader("erase", *arguments).returncode == 2
