"""The files: finished by size and age, renamed when they are, compressed if wanted, never with half a line."""

import gzip
import json
import os
import re
import subprocess
import sys
import time

import pytest

from emitter import SessionStart, close_logger, get_logger

EVENT = SessionStart(session_id="s1", channel="web")


def _seqs(paths) -> list[int]:
    return [json.loads(line)["seq"] for path in paths for line in path.read_bytes().splitlines()]


def test_finished_files_are_told_from_the_one_that_is_open_by_their_names(tmp_path):
    log = get_logger("files", directory=tmp_path, background=False, rotate_bytes=1000)
    for _ in range(10):
        log.emit(EVENT)
    names = sorted(path.name for path in tmp_path.iterdir())
    # Lines are some 330 bytes long: every fourth fills a file.
    assert [name.endswith(".open.jsonl") for name in names] == [False, False, True]
    assert all(re.fullmatch(rf"files-[\w.-]+-{os.getpid()}-\d{{8}}T\d{{12}}\.jsonl", name) for name in names[:2])
    assert log.health().path == tmp_path / names[2]
    close_logger("files")
    assert not list(tmp_path.glob("*.open.jsonl"))
    assert _seqs(sorted(tmp_path.iterdir())) == list(range(10))


def test_thread_rotates_by_age_also_when_nothing_comes(tmp_path):
    log = get_logger("files", directory=tmp_path, flush_interval=0.01, rotate_seconds=0.1)
    log.emit(EVENT)
    deadline = time.monotonic() + 30
    while not (names := [path.name for path in tmp_path.iterdir()]) or names[0].endswith(".open.jsonl"):
        assert time.monotonic() < deadline
        os.sched_yield()
    assert (len(names), log.health().path) == (1, None)
    close_logger("files")
    assert _seqs(tmp_path.iterdir()) == [0]


def test_finished_files_are_compressed_and_nothing_else_is_left(tmp_path):
    log = get_logger("files", directory=tmp_path, background=False, rotate_bytes=1000, compress=True)
    for _ in range(10):
        log.emit(EVENT)
    close_logger("files")
    paths = sorted(tmp_path.iterdir())
    assert [path.name[-9:] for path in paths] == [".jsonl.gz"] * 3
    lines = [json.loads(line) for path in paths for line in gzip.decompress(path.read_bytes()).splitlines()]
    assert [line["seq"] for line in lines] == list(range(10))


def test_file_that_somebody_deletes_is_replaced_by_another(tmp_path):
    log = get_logger("files", directory=tmp_path, background=False)
    log.emit(EVENT)
    [first] = tmp_path.iterdir()
    first.unlink()
    log.emit(EVENT)
    log.emit(EVENT)
    close_logger("files")
    assert _seqs(tmp_path.iterdir()) == [1, 2]


def test_file_that_is_cut_while_it_is_open_goes_on_without_a_hole(tmp_path):
    log = get_logger("files", directory=tmp_path, background=False)
    log.emit(EVENT)
    [file] = tmp_path.iterdir()
    os.truncate(file, 0)
    log.emit(EVENT)
    assert _seqs([file]) == [1]
    close_logger("files")


def test_names_of_products_and_hosts_make_no_folders(tmp_path, monkeypatch):
    monkeypatch.setattr("socket.gethostname", lambda: "a/b c")
    log = get_logger("files/../x", directory=tmp_path)
    log.emit(EVENT)
    close_logger("files/../x")
    [file] = tmp_path.iterdir()
    assert file.name.startswith("files_.._x-a_b_c-")
    assert json.loads(file.read_bytes())["product"] == "files/../x"


def test_line_that_does_not_fit_on_the_disk_at_the_end_leaves_no_half_of_it(tmp_path):
    code = """
import resource, signal, sys
from emitter import SessionStart, get_logger
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
log = get_logger("full", directory=sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (800, 800))
for _ in range(5):
    log.emit(SessionStart(session_id="s1", channel="web", user_agent="x" * 400 * (_ % 2 + 1)))
"""
    subprocess.run([sys.executable, "-c", code, tmp_path], capture_output=True, timeout=60, check=True)
    contents = [path.read_bytes() for path in tmp_path.iterdir()]
    # Of lines of some 700 and 1,100 bytes a file of 800 takes one of the first kind.
    assert sum(content.count(b"\n") for content in contents) >= 1
    assert all(content.endswith(b"}\n") for content in contents if content)


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("EMITTER_BUFFER_SIZE", "many", "it must be a number"),
        (
            "EMITTER_FLUSH_INTERVAL",
            "60",
            "flush_interval must be at most 5 seconds: a process that is killed loses so much",
        ),
        ("EMITTER_WHEN_FULL", "wait", "when_full must be 'drop' or 'block'"),
        ("EMITTER_COMPRESS", "maybe", "it must be 1 or 0"),
    ],
)
def test_variable_that_makes_no_sense_is_said_once_and_left_out(tmp_path, monkeypatch, capfd, variable, value, said):
    monkeypatch.setenv(variable, value)
    log = get_logger("settings", directory=tmp_path)
    assert log.emit(EVENT)
    close_logger("settings")
    assert capfd.readouterr().err == f"emitter: {variable} is left out: {said}\n"


def test_variables_set_what_arguments_do_not(tmp_path, monkeypatch):
    for variable, value in {
        "BUFFER_SIZE": "7",
        "FLUSH_INTERVAL": "0.5",
        "COMPRESS": "yes",
        "WHEN_FULL": "block",
    }.items():
        monkeypatch.setenv(f"EMITTER_{variable}", value)
    log = get_logger("settings", directory=tmp_path, buffer_size=9)
    options = log.handlers[0].options
    close_logger("settings")
    assert (options.buffer_size, options.flush_interval, options.compress, options.when_full) == (9, 0.5, True, "block")


@pytest.mark.parametrize("options", [{"buffer_size": 0}, {"flush_interval": 6}, {"when_full": "wait"}])
def test_argument_that_makes_no_sense_is_refused_at_once(options):
    with pytest.raises(ValueError, match="must be"):
        get_logger("settings", **options)


def test_later_call_that_asks_for_another_folder_or_option_gets_the_first_one_and_is_told_once(tmp_path, capfd):
    log = get_logger("settings", directory=tmp_path / "first", buffer_size=7, tenant_id="acme")
    assert get_logger("settings") is get_logger("settings", directory=tmp_path / "first", buffer_size=7) is log
    assert capfd.readouterr().err == ""
    for _ in range(2):
        assert get_logger("settings", directory=tmp_path / "second", buffer_size=8) is log
    log.emit(EVENT)
    close_logger("settings")
    assert [path.name for path in tmp_path.iterdir()] == ["first"]
    assert capfd.readouterr().err == (
        "emitter: settings was configured before, with another buffer_size and directory;"
        f" its events go on to {tmp_path / 'first'}. Configure it where the program begins.\n"
    )
