"""A content is loaded once, whatever its file is called and packed in."""

import gzip
import os
import shutil
import zlib
from pathlib import Path

import pytest
import zstandard

from loader.errors import ChangedError
from loader.fingerprint import Fingerprint
from loader.recognition import require_unchanged
from loader.sources import as_it_is_now, chunks, look_at, opened
from loader.summary import Summary
from tests.loader.conftest import Ask, Load, event_line, event_lines


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


def packed(content: bytes, ending: str) -> bytes:
    """``content`` as a gzip or zstd archive."""
    return gzip.compress(content) if ending == ".gz" else zstandard.ZstdCompressor().compress(content)
