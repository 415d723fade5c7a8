"""The emitter's files on their way: open, finished under another name, compressed. Each line is loaded once."""

from pathlib import Path

from emitter import SessionStart, close_logger, get_logger
from tests.conftest import LoaderCommand


def test_file_that_is_open_then_renamed_and_compressed_is_loaded_once(
    tmp_path: Path, run_loader: LoaderCommand
) -> None:
    def ingest() -> str:
        done = run_loader("ingest", tmp_path)
        assert done.returncode == 0, done.stderr
        return done.stderr.split("; ")[1]

    log = get_logger("loaded", directory=tmp_path, background=False, compress=True)
    for number in range(3):
        log.emit(SessionStart(session_id=f"s{number}", channel="web"))
    assert ingest() == "lines: 3 read, 3 loaded, 0 rejected"
    for number in range(2):
        log.emit(SessionStart(session_id=f"s{number}", channel="web"))
    [opened] = tmp_path.iterdir()
    assert opened.name.endswith(".open.jsonl")
    opened_lines = opened.read_bytes()
    close_logger("loaded")
    [packed] = tmp_path.iterdir()
    assert packed.name.endswith(".jsonl.gz")
    # Renamed, and not compressed yet.
    finished = packed.with_suffix("")
    finished.write_bytes(opened_lines)
    packed.rename(tmp_path / "away")
    assert ingest() == "lines: 2 read, 2 loaded, 0 rejected"
    (tmp_path / "away").rename(packed)
    assert ingest() == "lines: 0 read, 0 loaded, 0 rejected"
    finished.unlink()
    assert ingest() == "lines: 0 read, 0 loaded, 0 rejected"
