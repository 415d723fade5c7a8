"""Bytes into lines, however they arrive."""

from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.fingerprint import Fingerprint, head_hashes, tail_start
from loader.lines import Block, LineReader, LongLine
from loader.sources import TruncatedError


def read(
    pieces: list[bytes], *, limit: int = 1_000, is_archive: bool = False, max_lines: int = 1_000
) -> tuple[list[tuple[int, bytes, int]], LineReader]:
    """Number, kept bytes and true length of every line, and the reader afterwards."""
    reader = LineReader(Fingerprint(), 0, max_line_bytes=limit)
    found: list[tuple[int, bytes, int]] = []
    for item in reader.read(iter(pieces), is_archive=is_archive, max_lines=max_lines):
        if isinstance(item, LongLine):
            found.append((item.number, item.start, item.length))
        else:
            assert len(item.lines) == item.count <= max_lines
            found += [(number, line, len(line)) for number, line in enumerate(item.lines, item.first_number)]
        consumed = fingerprint_of(b"".join(pieces)[: reader.fingerprint.length])
        assert reader.fingerprint.content_hash == consumed.content_hash
        assert reader.lines == found[-1][0]
    return found, reader


def fingerprint_of(content: bytes) -> Fingerprint:
    fingerprint = Fingerprint()
    fingerprint.update(content)
    return fingerprint


@given(
    content=st.lists(st.sampled_from([b"\n", b"a", b"bb", b"ccccccccccccc"])).map(b"".join),
    cuts=st.lists(st.integers(0, 60)),
    limit=st.integers(1, 20),
    max_lines=st.integers(1, 5),
    is_archive=st.booleans(),
)
def test_lines_do_not_depend_on_pieces_or_blocks(
    content: bytes, cuts: list[int], limit: int, max_lines: int, is_archive: bool
) -> None:
    edges = sorted({0, len(content), *(cut for cut in cuts if cut < len(content))})
    pieces = [content[start:end] for start, end in pairwise(edges)]
    *complete, last = content.split(b"\n")
    expected = complete + ([last] if is_archive and last else [])

    found, reader = read(pieces, limit=limit, max_lines=max_lines, is_archive=is_archive)

    assert found == [(number, line[:limit], len(line)) for number, line in enumerate(expected, start=1)]
    assert reader.fingerprint.length == len(content) - (0 if is_archive else len(last))
    assert reader.waiting_bytes == (0 if is_archive else len(last))


def test_a_giant_line_is_never_held_in_memory() -> None:
    held = 0

    def pieces(reader: LineReader) -> Iterator[bytes]:
        nonlocal held
        for _ in range(64):
            yield b"x" * 65_536
            held = max(held, len(reader._pending))
        yield b"\n"

    reader = LineReader(Fingerprint(), 0, max_line_bytes=100_000)
    found = list(reader.read(pieces(reader), is_archive=False, max_lines=10))

    assert found == [LongLine(1, b"x" * 100_000, 64 * 65_536)]
    assert held <= 200_000


def test_a_source_that_breaks_off_hands_out_its_complete_lines_first() -> None:
    def pieces() -> Iterator[bytes]:
        yield b"one\ntwo\nthr"
        raise TruncatedError

    reader = LineReader(Fingerprint(), 0, max_line_bytes=100)
    blocks = reader.read(pieces(), is_archive=True, max_lines=10)

    assert next(blocks) == Block(1, b"one\ntwo\n", 2)
    with pytest.raises(TruncatedError):
        next(blocks)
    assert (reader.lines, reader.fingerprint.length, reader.waiting_bytes) == (2, 8, 3)


@given(st.lists(st.integers(0, 300_000), min_size=1, max_size=3), st.integers(0, 250_000))
def test_a_fingerprint_resumed_at_its_tail_is_the_one_that_read_everything(sizes: list[int], more: int) -> None:
    content = b"".join(bytes([65 + index]) * size for index, size in enumerate(sizes))
    stored = fingerprint_of(content)

    resumed = Fingerprint.at_tail(content[:4096], stored.tail_chain_hash, len(content))
    resumed.update(content[tail_start(len(content)) :])

    assert resumed.content_hash == stored.content_hash
    for fingerprint in (stored, resumed):
        fingerprint.update(b"z" * more)
    whole = fingerprint_of(content + b"z" * more)
    for fingerprint in (stored, resumed):
        assert (fingerprint.content_hash, fingerprint.tail_chain_hash, fingerprint.head_hash, fingerprint.length) == (
            (whole.content_hash, whole.tail_chain_hash, whole.head_hash, whole.length)
        )


@pytest.mark.parametrize("length", [1, 2, 3, 4095, 4096, 4097, 65_535, 65_536, 65_537, 131_072])
def test_a_file_is_found_by_the_head_of_its_beginning(length: int) -> None:
    content = bytes(index % 251 for index in range(length + 1_000))
    assert fingerprint_of(content[:length]).head_hash in head_hashes(content[:4096])
