"""Archives: whole days as Parquet, each once, as recorded, and nothing dropped that is not in them."""

import hashlib
import json
import signal
import stat
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest

from loader.archive import Archived, archive
from loader.connection import connect
from loader.errors import ArchiveError, DatabaseError
from loader.prune import prune
from tests.conftest import CLEAN_ENVIRONMENT, LoaderCommand, RunningServer, parsed
from tests.loader.conftest import CUTOFF, OLD, TODAY, Ask, Load, cutoff_now, event_line, event_lines, move

OLDER = OLD - timedelta(days=1)
COLUMNS = (
    "event, event_id, occurred_at, product, tenant_id, schema_version, emitter_id, seq, level, logger, payload,"
    " load_id, source_file_id, line_number, loaded_on"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "archive"


def archived(database: str, folder: Path, before: date = CUTOFF) -> Archived:
    with connect(parsed(database)) as link:
        return archive(link, folder, before)


def file_of(folder: Path, day: date = OLD) -> Path:
    return folder / f"loaded_on={day}" / "events.parquet"


def rows_in(folder: Path) -> list[tuple[Any, ...]]:
    with duckdb.connect() as duck:
        duck.execute("set timezone to 'UTC'")
        return duck.execute(
            f"select {COLUMNS} from read_parquet(?, hive_partitioning = true) order by load_id, line_number",
            [f"{folder}/*/*.parquet"],
        ).fetchall()


def test_a_day_is_read_back_as_it_was(tmp_path: Path, load: Load, ask: Ask, database: str, folder: Path) -> None:
    odd = {"text": 'quote " back\\slash \t tab, 你好, \u007f', "amount": 1.5, "list": [None, {"a": True}], "empty": {}}
    lines = [
        event_line(1, **odd),
        event_line(2, emitter_id=None, seq=None, timestamp="2026-05-01T10:00:00.000001+08:00"),
        event_line(3, level="INFO", logger="é\n", tenant_id="harbor"),
        event_line(4).replace(b'"web"', b'"web","exact":12345678901234567890.1234567890'),
        event_line(5, timestamp="2000-01-01T00:00:00Z", huge="x" * 900_000),
    ]
    (tmp_path / "a.jsonl").write_bytes(b"".join(lines))
    load(tmp_path / "a.jsonl")
    move(ask, OLD)
    assert archived(database, folder).lines == 5
    there = ask(f"select {COLUMNS.replace('payload', 'payload::text')} from raw.events order by load_id, line_number")
    assert rows_in(folder) == there
    assert "12345678901234567890.1234567890" in there[3][10]


def test_only_days_that_are_old_enough_are_written(
    tmp_path: Path, load: Load, ask: Ask, database: str, folder: Path
) -> None:
    for day, first in ((OLD, 1), (CUTOFF, 11), (TODAY, 21)):
        (tmp_path / f"{first}.jsonl").write_bytes(event_lines(first, first + 1))
        load(tmp_path / f"{first}.jsonl")
        move(ask, day)
    found = archived(database, folder, CUTOFF)
    assert (found.days, found.lines, found.days_kept) == (1, 2, 0)
    assert [row[-1] for row in rows_in(folder)] == [OLD, OLD]
    found = archived(database, folder, TODAY)
    assert (found.days, found.lines, found.days_kept) == (1, 2, 1)
    assert not file_of(folder, TODAY).exists()


@pytest.mark.usefixtures("old_load")
def test_a_second_run_writes_nothing(database: str, folder: Path) -> None:
    first = archived(database, folder)
    before = file_of(folder).stat()
    second = archived(database, folder)
    assert (first.days, second.days, second.lines, second.size, second.days_kept) == (1, 0, 0, 0, 1)
    assert file_of(folder).stat() == before


@pytest.mark.usefixtures("old_load")
def test_a_day_that_got_more_lines_since_is_written_anew(
    tmp_path: Path, load: Load, ask: Ask, database: str, folder: Path
) -> None:
    archived(database, folder)
    (tmp_path / "b.jsonl").write_bytes(event_lines(31, 33))
    load(tmp_path / "b.jsonl")
    move(ask, OLD)
    # The five lines of today went the same way.
    assert (archived(database, folder).lines, len(rows_in(folder))) == (18, 18)


@pytest.mark.usefixtures("old_load")
def test_what_a_file_holds_is_recorded(database: str, ask: Ask, folder: Path) -> None:
    archived(database, folder)
    content = file_of(folder).read_bytes()
    assert ask("select loaded_on, lines_count, file_bytes, file_sha256 from raw.archived_days") == [
        (OLD, 10, len(content), hashlib.sha256(content).digest())
    ]
    identity = json.loads((folder / "_archive.json").read_bytes())["archive_id"]
    assert ask("select archive_id::text, folder from raw.archives") == [(identity, str(folder))]


@pytest.mark.usefixtures("old_load")
def test_files_and_folders_are_closed_to_others(database: str, folder: Path) -> None:
    archived(database, folder)
    modes = {stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*") if path.is_file()}
    assert modes == {0o600}
    assert {stat.S_IMODE(path.stat().st_mode) for path in (folder, file_of(folder).parent)} == {0o700}


@pytest.mark.usefixtures("old_load")
def test_a_run_that_is_killed_leaves_whole_days_and_the_next_one_goes_on(
    tmp_path: Path, database: str, server: RunningServer, load: Load, ask: Ask, folder: Path
) -> None:
    move(ask, OLDER)
    with psycopg.connect(database) as writer, psycopg.connect(database, autocommit=True) as onlooker:
        # It writes one day, and waits for the other.
        writer.execute(f"lock table raw.events_{OLD:%Y%m%d} in row exclusive mode")  # a name of this test
        command = [sys.executable, "-m", "loader", "archive", "--to", folder, "--older-than", "90d"]
        with subprocess.Popen(command, env=server.environment | {"DATABASE_URL": database}, cwd="/") as process:
            while not onlooker.execute("select 1 from pg_locks where not granted and relation is not null").fetchone():
                assert process.poll() is None
            process.send_signal(signal.SIGKILL)
    assert [len(rows_in(folder)), ask("select loaded_on from raw.archived_days")] == [5, [(OLDER,)]]
    # What it was writing when it was killed:
    left_over = file_of(folder, OLD).with_name(".events.parquet.new")
    left_over.parent.mkdir()
    left_over.write_bytes(b"PAR1 half a file")
    found = archived(database, folder)
    assert (found.days, found.lines, found.days_kept, left_over.exists()) == (1, 10, 1, False)
    assert len(rows_in(folder)) == 15


@pytest.mark.usefixtures("old_load")
def test_a_file_that_was_recorded_and_not_yet_put_in_place_is_put_there(database: str, folder: Path) -> None:
    archived(database, folder)
    content = file_of(folder).read_bytes()
    file_of(folder).rename(file_of(folder).with_name(".events.parquet.new"))
    found = archived(database, folder)
    assert (found.days, found.days_kept, file_of(folder).read_bytes()) == (0, 1, content)


@pytest.mark.usefixtures("old_load", "is_built")
def test_pruning_into_an_archive_archives_first(run_loader: LoaderCommand, ask: Ask, folder: Path) -> None:
    done = run_loader("prune", "--older-than", "90d", "--archive-to", folder)
    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith(f"archived 1 days of raw.events from before {cutoff_now()}: 10 lines, ")
    assert f"\npruned 1 days of raw.events from before {cutoff_now()}: 10 lines, and 1 dead letters\n" in done.stderr
    assert (len(rows_in(folder)), ask("select count(*) from raw.events")) == (10, [(5,)])


@pytest.mark.usefixtures("old_load", "is_built")
@pytest.mark.parametrize("damage", ["gone", "cut", "changed"])
def test_what_is_not_archived_as_it_was_written_is_not_pruned(
    database: str, ask: Ask, folder: Path, damage: str
) -> None:
    archived(database, folder)
    content = file_of(folder).read_bytes()
    if damage == "gone":
        file_of(folder).unlink()
    else:
        file_of(folder).write_bytes(content[:-1] if damage == "cut" else b"X" + content[1:])
    with (
        connect(parsed(database)) as link,
        pytest.raises(ArchiveError, match=rf"^1 days of raw\.events are not in the archive .*, the first is {OLD}\n"),
    ):
        prune(link, CUTOFF, archived_in=folder)
    assert ask("select count(*) from raw.events") == [(15,)]


@pytest.mark.usefixtures("old_load", "is_built")
def test_a_day_that_went_on_after_it_was_archived_is_not_pruned(database: str, ask: Ask, folder: Path) -> None:
    archived(database, folder)
    move(ask, OLD)
    with connect(parsed(database)) as link, pytest.raises(ArchiveError, match=rf"the first is {OLD}\n"):
        prune(link, CUTOFF, archived_in=folder)


@pytest.mark.usefixtures("old_load")
def test_the_archive_of_another_database_is_left_alone(database: str, ask: Ask, folder: Path) -> None:
    archived(database, folder)
    ask("delete from raw.archived_days returning 1")
    ask("delete from raw.archives returning 1")
    with pytest.raises(ArchiveError, match="is the archive of another database\n  next: name another folder"):
        archived(database, folder)


@pytest.mark.usefixtures("old_load")
def test_two_archives_are_not_written_at_once(database: str, folder: Path) -> None:
    with psycopg.connect(database) as other:
        other.execute("select pg_advisory_lock(%s)", [0x6172_6368])
        with pytest.raises(ArchiveError, match=r"^an archive of this database is being written\n  next: "):
            archived(database, folder)


@pytest.mark.usefixtures("old_load")
def test_lines_that_the_books_do_not_know_are_not_archived_in_silence(database: str, ask: Ask, folder: Path) -> None:
    ask("delete from raw.events where line_number = 3 returning 1")
    with pytest.raises(ArchiveError, match=rf"^raw\.events has 9 lines of {OLD}, and its books say 10\n"):
        archived(database, folder)
    assert not file_of(folder).exists()


@pytest.mark.usefixtures("old_load")
def test_a_folder_that_is_none_is_named(run_loader: LoaderCommand, tmp_path: Path) -> None:
    (tmp_path / "full").write_bytes(b"")
    done = run_loader("archive", "--to", tmp_path / "full" / "archive")
    assert (done.returncode, done.stdout) == (4, "")
    assert "cannot be read or written: Not a directory\n  next: see that the folder is there" in done.stderr


@pytest.mark.usefixtures("old_load")
def test_only_the_owner_archives(database: str, folder: Path) -> None:
    with (
        connect(parsed(database) | {"options": "-c role=transformer"}) as link,
        pytest.raises(DatabaseError, match="connect as the database's owner"),
    ):
        archive(link, folder, CUTOFF)


@pytest.mark.usefixtures("old_load")
def test_the_command_says_what_it_wrote(run_loader: LoaderCommand, folder: Path) -> None:
    done = run_loader("archive", "--to", folder, "--older-than", "90d", "--json")
    told = json.loads(done.stdout)
    assert (done.returncode, told.pop("size")) == (0, file_of(folder).stat().st_size)
    assert told == {"folder": str(folder), "before": f"{cutoff_now()}", "days": 1, "lines": 10, "days_kept": 0}
    assert done.stderr.startswith(f"archived 1 days of raw.events from before {cutoff_now()}: 10 lines, ")


@pytest.mark.usefixtures("old_load")
def test_without_pyarrow_the_command_says_what_to_install(server: RunningServer, database: str, folder: Path) -> None:
    program = "import sys; sys.modules['pyarrow'] = None; from loader.__main__ import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", program, "archive", "--to", folder],
        env=CLEAN_ENVIRONMENT | server.environment | {"DATABASE_URL": database},
        check=False, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 4
    assert done.stderr.endswith("which is not installed\n  next: pip install 'support-warehouse[archive]'\n")


def test_without_lines_nothing_is_written(database: str, folder: Path) -> None:
    found = archived(database, folder, datetime.now(UTC).date())
    assert (found.days, found.days_kept, list(folder.glob("loaded_on=*"))) == (0, 0, [])
