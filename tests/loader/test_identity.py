"""A content is loaded once, whatever its file is called and packed in."""

import gzip
import os
from pathlib import Path

import pytest

from loader.summary import Summary
from tests.loader.conftest import Ask, Load, event_line, event_lines, packed


def counts(summary: Summary) -> tuple[int, int, int]:
    """Files read, files unchanged, lines read."""
    return summary.files_read, summary.files_unchanged, summary.lines_read


def test_same_file_twice_loads_once(tmp_path: Path, load: Load, ask: Ask) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(event_lines(1, 100))

    assert counts(load(path)) == (1, 0, 100)
    assert counts(load(path)) == (0, 1, 0)
    assert ask("select count(*), count(distinct event_id) from raw.events") == [(100, 100)]


def test_appended_lines_are_loaded_alone(tmp_path: Path, load: Load, ask: Ask) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(event_lines(1, 10))
    load(path)
    with path.open("ab") as stream:
        stream.write(event_lines(11, 15))

    assert load(path).lines_loaded == 5
    assert ask("select array_agg(line_number order by line_number) from raw.events") == [(list(range(1, 16)),)]
    assert ask("select count(*), sum(lines_consumed) from raw.source_files") == [(1, 15)]


@pytest.mark.parametrize("lines", [10, 2_000], ids=["smaller than a block", "several blocks"])
def test_a_renamed_file_goes_on_where_it_stood(tmp_path: Path, load: Load, ask: Ask, lines: int) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(event_lines(1, lines))
    load(path)
    renamed = path.rename(tmp_path / "b.jsonl")
    with renamed.open("ab") as stream:
        stream.write(event_line(lines + 1))

    assert load(renamed).lines_loaded == 1
    assert ask("select path, lines_consumed from raw.source_files") == [(str(renamed), lines + 1)]


@pytest.mark.parametrize("ending", [".gz", ".zst"])
def test_a_half_read_file_goes_on_in_its_archive(tmp_path: Path, load: Load, ask: Ask, ending: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(event_lines(1, 1_000))
    load(path)
    archive = tmp_path / f"a.jsonl{ending}"
    archive.write_bytes(packed(event_lines(1, 1_200), ending))
    path.unlink()

    assert load(archive).lines_loaded == 200
    assert load(archive).files_unchanged == 1
    assert ask("select path, lines_consumed from raw.source_files") == [(str(archive), 1_200)]
    assert ask("select count(*), count(distinct event_id) from raw.events") == [(1_200, 1_200)]


def test_a_rotation_under_the_same_name_is_a_new_file(tmp_path: Path, load: Load, ask: Ask) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(event_lines(1, 50))
    load(path)
    rotated = path.rename(tmp_path / "a-1.jsonl")
    path.write_bytes(event_lines(51, 60))
    with rotated.open("ab") as stream:
        stream.write(event_lines(61, 62))

    assert load(tmp_path).lines_loaded == 12
    assert ask("select count(*), count(distinct event_id) from raw.events") == [(62, 62)]
    assert ask("select count(*) from raw.source_files") == [(2,)]


def test_an_inode_that_is_used_again_is_a_new_file(tmp_path: Path, load: Load, ask: Ask) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(event_lines(1, 50))
    load(path)
    # What a file system does when it gives a deleted file's inode to the next: another name, another content.
    other = path.rename(tmp_path / "b.jsonl")
    with other.open("r+b") as stream:
        stream.truncate()
        stream.write(event_lines(51, 55))

    assert load(other).lines_loaded == 5
    assert ask("select count(*), count(distinct event_id) from raw.events") == [(55, 55)]


def test_files_with_the_same_head_are_told_apart(tmp_path: Path, load: Load, ask: Ask) -> None:
    head = event_lines(1, 100)
    assert len(head) > 4096
    (tmp_path / "a.jsonl").write_bytes(head + event_lines(101, 110))
    (tmp_path / "b.jsonl").write_bytes(head + event_lines(201, 205))

    assert load(tmp_path).lines_loaded == 215
    assert load(tmp_path).files_unchanged == 2
    with (tmp_path / "b.jsonl").open("ab") as stream:
        stream.write(event_line(206))
    assert load(tmp_path).lines_loaded == 1


def test_the_longest_known_content_wins(tmp_path: Path, load: Load, ask: Ask) -> None:
    for name, last in (("a.jsonl", 100), ("b.jsonl", 300), ("c.jsonl", 200)):
        content = event_lines(1, 100) + event_lines(1_000, 900 + last)
        (tmp_path / name).write_bytes(content)
        load(tmp_path / name)
        (tmp_path / name).unlink()
    archive = tmp_path / "d.jsonl.gz"
    archive.write_bytes(gzip.compress(event_lines(1, 100) + event_lines(1_000, 1_201)))

    assert load(archive).lines_loaded == 1


def test_a_link_and_its_file_are_one_file(tmp_path: Path, load: Load) -> None:
    (tmp_path / "a.jsonl").write_bytes(event_lines(1, 5))
    (tmp_path / "b.jsonl").symlink_to("a.jsonl")
    os.link(tmp_path / "a.jsonl", tmp_path / "c.jsonl")

    assert counts(load(tmp_path)) == (1, 0, 5)


def test_a_partial_last_line_waits_until_it_is_complete(tmp_path: Path, load: Load, ask: Ask) -> None:
    path = tmp_path / "a.jsonl"
    line = event_line(2)
    path.write_bytes(event_line(1) + line[:20])

    summary = load(path)
    assert (summary.lines_loaded, summary.lines_rejected, summary.lines_waiting) == (1, 0, 1)
    with path.open("ab") as stream:
        stream.write(line[20:])
    assert load(path).lines_loaded == 1
    assert ask("select event_id from raw.events order by line_number") == [("event-1",), ("event-2",)]


@pytest.mark.parametrize("ending", [".gz", ".zst"])
def test_the_last_line_of_a_complete_archive_needs_no_newline(tmp_path: Path, load: Load, ending: str) -> None:
    archive = tmp_path / f"a.jsonl{ending}"
    archive.write_bytes(packed(event_lines(1, 3).rstrip(b"\n"), ending))

    assert load(archive).lines_loaded == 3


def test_the_newline_after_an_archives_last_line_is_no_line(tmp_path: Path, load: Load, ask: Ask) -> None:
    archive = tmp_path / "a.jsonl.gz"
    archive.write_bytes(gzip.compress(event_lines(1, 3).rstrip(b"\n")))
    load(archive)
    path = tmp_path / "a.jsonl"
    path.write_bytes(event_lines(1, 4))

    summary = load(path)

    assert (summary.lines_loaded, summary.lines_rejected) == (1, 0)
    assert ask("select array_agg(line_number order by line_number) from raw.events") == [([1, 2, 3, 4],)]


def test_archives_of_several_members_are_read_to_their_end(tmp_path: Path, load: Load) -> None:
    for ending in (".gz", ".zst"):
        members = packed(event_lines(1, 3), ending) + packed(event_lines(4, 6), ending)
        path = tmp_path / f"{ending[1:]}.jsonl{ending}"
        path.write_bytes(members)
    assert load(tmp_path / "gz.jsonl.gz").lines_loaded == 6
    # The same content in another packing: known.
    assert load(tmp_path / "zst.jsonl.zst").lines_loaded == 0


@pytest.mark.parametrize("batch_lines", [1, 7, 1_000])
def test_the_size_of_batches_does_not_matter(tmp_path: Path, load: Load, ask: Ask, batch_lines: int) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(event_lines(1, 50) + b"no json\n" + event_lines(52, 60))

    load(path, batch_lines=batch_lines)

    assert ask("select count(*), min(line_number), max(line_number) from raw.events") == [(59, 1, 60)]
    assert ask("select line_number from raw.dead_letters") == [(51,)]
    assert ask("select count(*) from raw.loads") == [(-(-60 // batch_lines),)]
