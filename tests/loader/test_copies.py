"""Copies of what is loaded, or was, load what is new in them and no line twice."""

import os
import shutil
import zlib
from pathlib import Path

import pytest

from tests.loader.conftest import Ask, Load, event_line, event_lines, packed


def test_a_copy_loads_nothing_and_leaves_the_original_in_place(tmp_path: Path, load: Load, ask: Ask) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(event_lines(1, 50))
    load(path)
    copy = shutil.copy(path, tmp_path / "copy.jsonl")

    assert load(copy).lines_read == 0
    assert ask("select path from raw.source_files") == [(str(path),)]
    assert load(path).files_unchanged == 1


@pytest.mark.parametrize("lines", [1, 2, 3, 5, 9, 50])
def test_a_copy_of_an_earlier_state_loads_nothing(tmp_path: Path, load: Load, ask: Ask, lines: int) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(event_lines(1, lines))
    load(path)
    copy = shutil.copy(path, tmp_path / "copy.jsonl")
    with path.open("ab") as stream:
        stream.write(event_lines(lines + 1, lines + 20))
    load(path)

    assert load(copy).lines_read == 0
    assert ask("select count(*), count(distinct event_id) from raw.events") == [(lines + 20, lines + 20)]


def test_a_copy_is_compared_once_the_file_that_it_was_copied_from_is_found_under_its_new_name(
    tmp_path: Path, load: Load, ask: Ask
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(event_lines(1, 10))
    load(path)
    (tmp_path / "copy.jsonl").write_bytes(event_lines(1, 5))
    path.rename(tmp_path / "rotated.jsonl")

    summary = load(tmp_path)

    assert (summary.lines_read, summary.errors) == (0, [])
    assert ask("select count(*) from raw.events") == [(10,)]


def test_a_copy_of_a_file_that_is_gone_is_refused_unless_it_is_as_new(tmp_path: Path, load: Load, ask: Ask) -> None:
    path, copy = tmp_path / "a.jsonl", tmp_path / "copy.jsonl"
    path.write_bytes(event_lines(1, 10))
    load(path)
    copy.write_bytes(event_lines(1, 5))
    path.unlink()

    [error] = load(copy).errors

    assert str(error) == (
        f"{copy} may be a copy of an earlier state of {path}, which is no longer there\n"
        "  next: run the command again with the file that it was copied from among the paths; if that is gone for "
        "good, delete the copy, or load it with --as-new: events that come twice are told by their event_id"
    )
    assert ask("select count(*) from raw.events") == [(10,)]
    assert load(copy, as_new=True).lines_loaded == 5
    assert load(copy).files_unchanged == 1


def test_an_archive_in_the_making_waits_from_its_first_line_on(tmp_path: Path, load: Load) -> None:
    (tmp_path / "a.jsonl").write_bytes(event_lines(1, 10))
    load(tmp_path)
    packer = zlib.compressobj(wbits=31)
    (tmp_path / "b.jsonl.gz").write_bytes(packer.compress(event_lines(1, 1)) + packer.flush(zlib.Z_SYNC_FLUSH))

    summary = load(tmp_path)

    assert (summary.files_refused, summary.lines_read) == (1, 0)


def test_a_copy_that_grew_apart_loads_its_own_lines_only(tmp_path: Path, load: Load, ask: Ask) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(event_lines(1, 50))
    load(path)
    copy = tmp_path / "copy.jsonl"
    copy.write_bytes(event_lines(1, 50) + event_lines(101, 103))
    with path.open("ab") as stream:
        stream.write(event_lines(51, 60))
    load(path)

    assert load(copy).lines_loaded == 3
    assert ask("select lines_consumed, inherited_lines from raw.source_files order by source_file_id") == [
        (60, 0),
        (53, 50),
    ]
    assert ask("select count(*), count(distinct event_id) from raw.events") == [(63, 63)]


@pytest.mark.parametrize("ending", ["", ".gz", ".zst"])
@pytest.mark.parametrize("lines", [3, 60, 1_500])
@pytest.mark.parametrize("open_line", [b"", event_line(9)[:30]], ids=["whole lines", "an open line"])
def test_a_copy_made_between_two_loads_loads_nothing(
    tmp_path: Path, load: Load, ask: Ask, lines: int, ending: str, open_line: bytes
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(event_lines(1, 1))
    load(path)
    path.write_bytes(event_lines(1, lines) + event_line(9)[:30] + event_line(5_000) + event_lines(6_000, 6_100))
    load(path)
    copy = tmp_path / f"copy.jsonl{ending}"
    content = event_lines(1, lines) + open_line
    copy.write_bytes(packed(content, ending) if ending else content)

    assert load(copy).lines_read == 0
    assert ask("select path, lines_consumed from raw.source_files") == [(str(path), lines + 102)]


def test_a_longer_copy_moves_the_position_and_the_original_stays_readable(tmp_path: Path, load: Load, ask: Ask) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(event_lines(1, 50))
    load(path)
    copy = tmp_path / "copy.jsonl"
    copy.write_bytes(event_lines(1, 60))

    assert load(copy).lines_loaded == 10
    assert load(path).lines_read == 0
    with path.open("ab") as stream:
        stream.write(event_lines(51, 61))
    assert load(path).lines_loaded == 1
    assert ask("select count(*), count(distinct event_id) from raw.events") == [(61, 61)]


def test_a_copy_with_more_lines_takes_the_place_of_an_original_that_was_cut_off(
    tmp_path: Path, load: Load, ask: Ask
) -> None:
    """Rotation by copying; the copy comes after the original in the order of names."""
    path = tmp_path / "a.jsonl"
    path.write_bytes(event_lines(1, 50))
    load(path)
    with path.open("ab") as stream:
        stream.write(event_lines(51, 60))
    shutil.copy(path, tmp_path / "b.jsonl")
    os.truncate(path, 0)
    with path.open("ab") as stream:
        stream.write(event_lines(61, 65))

    summary = load(tmp_path)

    assert (summary.files_refused, summary.lines_loaded) == (0, 15)
    assert load(tmp_path).files_unchanged == 2
    assert ask("select count(*), count(distinct event_id) from raw.events") == [(65, 65)]
