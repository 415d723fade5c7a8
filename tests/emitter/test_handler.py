"""The log file: one per process, whole lines, and a product that goes on when it cannot be written."""

import json
import logging
import os
import re
import subprocess
import sys
from pathlib import Path

from emitter import EventFileHandler, EventFormatter, SessionStart, close_logger, get_logger

EVENT = SessionStart(session_id="s1", channel="web")


def _handler(directory: Path, **options) -> EventFileHandler:
    return EventFileHandler("ai_chatbot", directory, EventFormatter("ai_chatbot"), **options)


def _record() -> logging.LogRecord:
    return logging.makeLogRecord({"msg": EVENT, "name": "emitter.ai_chatbot"})


def _run(code: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)], capture_output=True, text=True, timeout=60, check=False
    )


def test_file_is_named_after_product_host_process_and_start(tmp_path):
    get_logger("ai_chatbot", directory=tmp_path / "new" / "folder").info(EVENT)
    close_logger("ai_chatbot")
    (file,) = (tmp_path / "new" / "folder").iterdir()
    assert re.fullmatch(rf"ai_chatbot-.+-{os.getpid()}-\d{{8}}T\d{{12}}\.jsonl", file.name)


def test_folder_comes_from_the_environment_or_is_logs(tmp_path, monkeypatch):
    monkeypatch.setenv("EMITTER_DIRECTORY", str(tmp_path / "here"))
    get_logger("ai_chatbot").info(EVENT)
    close_logger("ai_chatbot")
    monkeypatch.delenv("EMITTER_DIRECTORY")
    monkeypatch.chdir(tmp_path)
    get_logger("ai_chatbot").info(EVENT)
    close_logger("ai_chatbot")
    assert len(list((tmp_path / "here").iterdir())) == 1
    assert len(list((tmp_path / "logs").iterdir())) == 1


def test_no_event_makes_no_file(tmp_path):
    get_logger("ai_chatbot", directory=tmp_path / "logs")
    close_logger("ai_chatbot")
    assert not (tmp_path / "logs").exists()


def test_lines_stand_in_the_file_at_once_without_a_thread(tmp_path):
    handler = _handler(tmp_path, filename="x.jsonl", background=False)
    for count in (1, 2, 3):
        handler.handle(_record())
        assert (tmp_path / "x.jsonl").read_bytes().count(b"\n") == count
    handler.close()


def test_events_do_not_reach_the_console(tmp_path, capfd):
    log = get_logger("ai_chatbot", directory=tmp_path)
    log.error(EVENT)
    close_logger("ai_chatbot")
    assert capfd.readouterr() == ("", "")


def test_existing_file_is_never_written_into(tmp_path, capfd):
    (tmp_path / "x.jsonl").write_text("mine\n")
    handler = _handler(tmp_path, filename="x.jsonl")
    handler.handle(_record())
    handler.close()
    assert (tmp_path / "x.jsonl").read_text() == "mine\n"
    assert handler.lost_count == 0
    [other] = set(tmp_path.iterdir()) - {tmp_path / "x.jsonl"}
    assert other.read_text().count("\n") == 1
    assert capfd.readouterr().err == ""


def test_unwritable_folder_is_said_once_and_every_loss_counted(tmp_path, capfd):
    # A file where the folder should be cannot be written into by anybody, root included.
    (tmp_path / "logs").write_text("")
    handler = _handler(tmp_path / "logs")
    for _ in range(3):
        handler.handle(_record())
    handler.close()
    assert handler.lost_count == 3
    said = capfd.readouterr().err
    assert said == (
        f"emitter: cannot write events of ai_chatbot to {tmp_path / 'logs'} (FileExistsError);"
        " the product goes on, lost events are counted. Check that the folder is writable and has space.\n"
    )


def test_lines_of_a_folder_that_is_mended_are_written_as_if_nothing_had_been(tmp_path, capfd):
    (tmp_path / "logs").write_text("")
    handler = _handler(tmp_path / "logs", filename="x.jsonl")
    handler.handle(_record())
    handler.handle(_record())
    handler.flush()
    assert handler.health().error == "FileExistsError: File exists"
    (tmp_path / "logs").unlink()
    handler.handle(_record())
    handler.flush()
    assert (handler.health().error, handler.health().is_well) == (None, True)
    handler.close()
    lines = (tmp_path / "logs" / "x.jsonl").read_text().splitlines()
    assert [json.loads(line)["seq"] for line in lines] == [0, 1, 2]
    assert capfd.readouterr().err.count("emitter:") == 1


def test_product_goes_on_without_a_usable_stderr(tmp_path):
    code = """
import sys
from emitter import SessionStart, get_logger
log = get_logger("ai_chatbot", directory=sys.argv[1])
sys.stderr.close()
log.info(SessionStart(session_id="s1", channel="web"))
sys.stderr = None
log.info(SessionStart(session_id="s1", channel="web"))
log.handlers[0].close()
print("still here", log.handlers[0].lost_count)
"""
    (tmp_path / "logs").write_text("")
    assert _run(code, tmp_path / "logs").stdout == "still here 2\n"


def test_full_disk_that_is_emptied_costs_nothing_and_tears_no_line(tmp_path):
    # A limit on the file's size stands for the full disk: the write that crosses it is cut short, the next one fails.
    code = """
import resource, signal, sys
from emitter import SessionStart, get_logger
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
log = get_logger("ai_chatbot", directory=sys.argv[1], background=sys.argv[2] == "1")
def write(count):
    for _ in range(count):
        log.info(SessionStart(session_id="s1", channel="web"))
    log.handlers[0].flush()
write(3)
free = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (1200, free[1]))
write(9)
resource.setrlimit(resource.RLIMIT_FSIZE, free)
write(2)
print(log.health().error, log.health().lost_count)
"""
    for background in "01":
        run = _run(code, tmp_path / background, background)
        files = sorted((tmp_path / background).iterdir())
        lines = [json.loads(line) for file in files for line in file.read_bytes().splitlines()]
        assert [line["seq"] for line in lines] == list(range(14))
        assert [file.read_bytes()[-2:] for file in files] == [b"}\n"] * len(files)
        assert run.stdout == "None 0\n"
        assert run.stderr.count("cannot write events") == 1


def test_child_after_a_fork_has_its_own_file_and_emitter(tmp_path):
    code = """
import os, sys
from emitter import SessionStart, get_logger
log = get_logger("ai_chatbot", directory=sys.argv[1], filename="parent.jsonl")
def write(who):
    log.info(SessionStart(session_id=who, channel="web"))
write("parent")
child = os.fork()
if child == 0:
    write("child")
    write("child")
    log.handlers[0].flush()
    os._exit(0)
os.waitpid(child, 0)
write("parent")
"""
    run = _run(code, tmp_path)
    assert (run.returncode, run.stderr) == (0, "")
    by_file = {
        file.name: [json.loads(line) for line in file.read_text().splitlines()] for file in sorted(tmp_path.iterdir())
    }
    parents = by_file.pop("parent.jsonl")
    ((name, children),) = by_file.items()
    assert name.startswith("ai_chatbot-")
    assert [(line["session_id"], line["seq"]) for line in parents] == [("parent", 0), ("parent", 1)]
    assert [(line["session_id"], line["seq"]) for line in children] == [("child", 0), ("child", 1)]
    assert parents[0]["emitter_id"] == parents[1]["emitter_id"]
    assert children[0]["emitter_id"] == children[1]["emitter_id"]
    assert parents[0]["emitter_id"] != children[0]["emitter_id"]
    assert len({line["event_id"] for line in parents + children}) == 4


def test_child_that_writes_alone_after_a_fork_in_a_warnings_as_errors_process(tmp_path):
    code = """
import os, sys, warnings
warnings.simplefilter("error")
from emitter import SessionStart, close_logger, get_logger
log = get_logger("ai_chatbot", directory=sys.argv[1])
log.info(SessionStart(session_id="parent", channel="web"))
child = os.fork()
if child == 0:
    log.info(SessionStart(session_id="child", channel="web"))
    close_logger("ai_chatbot")
    sys.exit(0)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    run = _run(code, tmp_path)
    assert (run.returncode, run.stderr) == (0, "")
    assert len(list(tmp_path.iterdir())) == 2


def test_a_given_file_name_is_that_of_the_first_start_and_later_starts_lose_nothing(tmp_path):
    for number in range(3):
        log = get_logger("restarted", directory=tmp_path, filename="fixed.jsonl")
        log.info("session.start", extra={"session_id": f"s{number}", "channel": "web"})
        assert [handler.lost_count for handler in log.handlers] == [0]
        close_logger("restarted")
    assert (tmp_path / "fixed.jsonl").read_text().count("\n") == 1
    assert sum(path.read_text().count("\n") for path in tmp_path.iterdir()) == 3


def test_extra_that_is_no_mapping_is_a_counted_loss_and_never_raises(tmp_path, capsys):
    log = get_logger("misused", directory=tmp_path)
    log.info("session.start", extra=[1])
    log.info("session.start", extra={"session_id": "s1", "channel": "web"})
    assert [handler.lost_count for handler in log.handlers] == [1]
    close_logger("misused")
    [file] = tmp_path.iterdir()
    assert '"seq":1' in file.read_text()
    assert "the product goes on" in capsys.readouterr().err
