"""Files that changed below the position up to which they were loaded are refused until they are read as new."""

import gzip
import os
import shutil
from pathlib import Path

import pytest

from loader.errors import ChangedError
from loader.fingerprint import Fingerprint
from loader.recognition import require_unchanged
from loader.sources import as_it_is_now, chunks, look_at, opened
from tests.loader.conftest import Ask, Load, event_line, event_lines


def test_a_file_that_shrank_is_refused_and_says_what_to_do(tmp_path: Path, load: Load, ask: Ask) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(event_lines(1, 50))
    consumed = path.stat().st_size
    load(path)
    with path.open("r+b") as stream:
        stream.truncate()
        stream.write(event_lines(71, 75))
    shrunk = path.stat().st_size

    summary = load(path)

    assert summary.files_refused == 1
    assert [str(error) for error in summary.errors] == [
        f"{path} shrank to {shrunk} bytes below its position ({consumed} bytes, 50 lines)\n"
        "  next: if the new content is right, run the command with --as-new: it is read from the start, "
        "and events that come twice are told by their event_id"
    ]
    assert ask("select count(*) from raw.events") == [(50,)]


def test_a_file_that_changed_under_its_position_is_refused_and_others_go_on(
    tmp_path: Path, load: Load, ask: Ask
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(event_lines(1, 50))
    load(path)
    with path.open("r+b") as stream:
        stream.write(event_lines(901, 951))
    (tmp_path / "b.jsonl").write_bytes(event_lines(51, 55))

    summary = load(tmp_path)

    assert (summary.files_refused, summary.files_read, summary.lines_loaded) == (1, 1, 5)
    assert [type(error) for error in summary.errors] == [ChangedError]


@pytest.mark.parametrize("lines", [100, 2_000], ids=["smaller than a block", "several blocks"])
def test_a_change_behind_an_equal_head_is_refused(tmp_path: Path, load: Load, lines: int) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(event_lines(1, lines))
    load(path)
    with path.open("r+b") as stream:
        stream.seek(-10, os.SEEK_END)
        stream.write(b"x")
        stream.seek(0, os.SEEK_END)
        stream.write(event_line(lines + 1))

    summary = load(path)

    assert (summary.files_refused, summary.lines_read) == (1, 0)


def test_as_new_reads_a_changed_file_from_its_start_and_then_goes_on_as_usual(
    tmp_path: Path, load: Load, ask: Ask
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(event_lines(1, 50))
    load(path)
    with path.open("r+b") as stream:
        stream.truncate()
        stream.write(event_lines(71, 75))

    assert load(path, as_new=True).lines_loaded == 5
    assert load(path).files_unchanged == 1
    with path.open("ab") as stream:
        stream.write(event_line(76))
    assert load(path).lines_loaded == 1
    assert ask("select count(*) from raw.source_files") == [(2,)]


def test_as_new_does_not_repeat_files_that_are_as_they_were(tmp_path: Path, load: Load) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(event_lines(1, 50))
    load(path)
    os.utime(path)

    assert load(path, as_new=True).lines_read == 0


@pytest.mark.parametrize("lines", [3, 50, 90], ids=["shorter", "as long", "longer than the position"])
def test_new_content_in_an_old_file_is_refused_until_it_is_read_as_new(
    tmp_path: Path, load: Load, ask: Ask, lines: int
) -> None:
    """Also beside an equal copy of the old content: what was cut off may be more than the copy holds."""
    path = tmp_path / "b.jsonl"
    path.write_bytes(event_lines(101, 150))
    load(path)
    shutil.copy(path, tmp_path / "a.jsonl")
    with path.open("r+b") as stream:
        stream.truncate()
        stream.write(event_lines(201, 200 + lines))

    assert (load(tmp_path).files_refused, load(tmp_path).lines_read) == (1, 0)
    assert load(tmp_path, as_new=True).lines_loaded == lines
    assert ask("select count(*), count(distinct event_id) from raw.events") == [(50 + lines, 50 + lines)]


@pytest.fixture
def rewritten(tmp_path: Path, load: Load) -> Path:
    """A large file that was loaded, and in which one letter in the middle was changed since."""
    path = tmp_path / "a.jsonl"
    path.write_bytes(event_lines(1, 5_000))
    load(path)
    with path.open("r+b") as stream:
        stream.seek(path.stat().st_size // 2)
        letter = stream.read(1)
        stream.seek(-1, os.SEEK_CUR)
        stream.write(b"X" if letter != b"X" else b"Y")
    return path


def test_a_change_in_the_middle_of_a_file_that_has_not_grown_is_refused(rewritten: Path, load: Load) -> None:
    assert load(rewritten).files_refused == 1


def test_a_change_in_the_middle_of_a_file_that_has_grown_is_found_by_verify(rewritten: Path, load: Load) -> None:
    with rewritten.open("ab") as stream:
        stream.write(event_lines(5_001, 5_005))

    assert load(rewritten, verify=True).files_refused == 1
    # The limit of what is noticed without: docs/decisions/0008.
    assert load(rewritten).lines_loaded == 5


def test_verify_finds_nothing_wrong_with_files_that_are_as_they_were(tmp_path: Path, load: Load) -> None:
    (tmp_path / "a.jsonl").write_bytes(event_lines(1, 5_000))
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(event_lines(6_001, 6_500)))
    load(tmp_path)
    with (tmp_path / "a.jsonl").open("ab") as stream:
        stream.write(event_lines(5_001, 5_005))

    summary = load(tmp_path, verify=True)

    assert (summary.files_refused, summary.lines_loaded) == (0, 5)


def test_a_file_that_is_written_anew_while_it_is_read_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(event_lines(1, 5))
    with opened(look_at(path)) as log_file:
        fingerprint = Fingerprint()
        fingerprint.update(event_lines(1, 5))
        require_unchanged(log_file, fingerprint)
        with path.open("ab") as stream:
            stream.write(event_lines(6, 7))
        require_unchanged(log_file, fingerprint)
        path.write_bytes(event_lines(11, 90))
        with pytest.raises(ChangedError, match="written anew while it was read"):
            require_unchanged(log_file, fingerprint)


def test_what_is_read_of_an_opened_file_stays_the_same_after_a_rotation(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(event_lines(1, 5))
    with opened(look_at(path)) as log_file:
        path.rename(tmp_path / "b.jsonl")
        path.write_bytes(event_lines(11, 20))
        with (tmp_path / "b.jsonl").open("ab") as stream:
            stream.write(event_lines(6, 7))

        assert b"".join(chunks(log_file)) == event_lines(1, 5)
        assert b"".join(chunks(as_it_is_now(log_file))) == event_lines(1, 7)
