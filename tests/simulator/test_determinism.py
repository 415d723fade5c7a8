"""The same parameters give the same bytes, wherever and whenever."""

import gzip


def test_same_seed_gives_the_same_bytes_in_another_process_and_environment(small):
    options = ("--days", 16, "--tenants", 4, "--fault", "all")
    first = small("first", *options, PYTHONHASHSEED="1", TZ="Asia/Shanghai")
    second = small(
        "second",
        *options,
        PYTHONHASHSEED="2",
        TZ="America/New_York",
        HOSTNAME="elsewhere",
        EMITTER_CAPTURE_TEXT="1",
        EMITTER_DIRECTORY="/nowhere",
        LC_ALL="C",
    )
    assert first.contents() == second.contents()
    assert len(first.events) > 1000
    assert {name.split("/")[0] for name in first.contents()} == {"logs", "parameters", "simulation.json", "truth"}


def test_other_seed_gives_other_sessions(small):
    first, second = small("first", "--seed", 1), small("second", "--seed", 2)
    keys = [{event["session_id"] for event in run.named("session.start")} for run in (first, second)]
    assert min(map(len, keys)) > 20
    assert keys[0] & keys[1] == set()


def test_longer_run_begins_like_the_shorter_one(small):
    short, long = small("short", "--days", 2), small("long", "--days", 3)
    # The last conversations of the shorter run go on after its last midnight, as they do in the longer one.
    last_midnight = "2026-10-02T16:00:00"
    fields = ("event", "timestamp", "session_id", "agent_id", "ticket_id")
    first, second = (
        [tuple(map(event.get, fields)) for event in run.events if event["timestamp"] < last_midnight]
        for run in (short, long)
    )
    assert first == second
    assert len(first) > 500


def test_packed_files_carry_neither_time_nor_name(small):
    folder = small("logs", "--days", 9)
    packed = sorted(folder.path.glob("logs/*.gz"))
    assert [path.name for path in packed] == [
        "agent_workbench-week-01.jsonl.gz",
        "ai_chatbot-week-01.jsonl.gz",
        "customer_hub-week-01.jsonl.gz",
    ]
    for path in packed:
        # RFC 1952: magic, method 8, no flags (so no name), modification time 0.
        assert path.read_bytes()[:8] == b"\x1f\x8b\x08\x00\x00\x00\x00\x00"
        assert gzip.decompress(path.read_bytes()).startswith(b'{"event":')
