"""What goes wrong, fault by fault: seen in the log files, and told in the truth beside them."""

import gzip
import json
from collections import Counter, defaultdict
from datetime import datetime
from itertools import pairwise

import pytest

WEEKS = ("--days", 15, "--sessions-per-day", 12, "--tenants", 2)


@pytest.fixture
def faulty(small):
    """Makes a world of two weeks and a day with some faults."""

    def make(*faults, name="faulty", options=()):
        return small(name, *WEEKS, *(part for fault in faults for part in ("--fault", fault)), *options)

    return make


def _events(lines):
    """The events of lines that an emitter wrote and that are whole."""
    for line in lines:
        if b'"emitter_id"' in line and line.endswith(b"}"):
            yield json.loads(line)


def _by_emitter(folder):
    """Events by emitter, each once, by seq."""
    found = defaultdict(dict)
    for lines in folder.raw_lines.values():
        for event in _events(lines):
            found[event["emitter_id"]][event["seq"]] = event
    return found


def test_without_faults_nothing_is_missing_repeated_or_out_of_order(faulty):
    folder = faulty()
    lines = [line for lines in folder.raw_lines.values() for line in lines]
    assert len(set(lines)) == len(lines) == folder.record["counts"]["events"]
    assert folder.record["faults"] == []
    assert all(row["written_lines_count"] == row["arrived_lines_count"] for row in folder.table("emitters"))
    assert {row["rejected_lines_count"] for row in folder.table("ingest_reconciliation")} == {"0"}


def test_loss_leaves_gaps_and_short_ends_and_the_truth_counts_both(faulty):
    folder = faulty("loss")
    found = _by_emitter(folder)
    emitters = folder.table("emitters")
    for row in emitters:
        seqs = sorted(found[row["emitter_id"]])
        assert len(seqs) == int(row["arrived_lines_count"])
        # The numbers begin with 0; what is missing behind the last one leaves no gap.
        last = seqs[-1] if seqs else -1
        assert last + 1 - len(seqs) == int(row["lost_in_between_lines_count"])
        assert int(row["written_lines_count"]) - last - 1 == int(row["lost_at_end_lines_count"])
    assert sum(int(row["lost_in_between_lines_count"]) for row in emitters) > 20
    assert sum(int(row["lost_at_end_lines_count"]) > 5 for row in emitters) > 1
    assert folder.record["counts"]["events_missing"] == sum(
        int(row["written_lines_count"]) - int(row["arrived_lines_count"]) for row in emitters
    )
    bursts = [after - before for seqs in found.values() for before, after in pairwise(sorted(seqs))]
    assert max(bursts) > 4
    assert Counter(bursts).most_common(2)[1][0] == 2


def test_visible_losses_of_a_day_are_the_gaps_before_its_lines(faulty):
    folder = faulty("loss", "skew")
    arrived, lost = Counter(), Counter()
    for emitter, events in _by_emitter(folder).items():
        before = -1
        for seq in sorted(events):
            key = (emitter, events[seq]["timestamp"][:10])
            arrived[key] += 1
            lost[key] += seq - before - 1
            before = seq
    told = {(row["emitter_id"], row["event_date"]): row for row in folder.table("event_loss_daily")}
    assert {key: int(row["arrived_lines_count"]) for key, row in told.items()} == arrived
    assert {key: int(row["lost_lines_count"]) for key, row in told.items()} == {key: lost[key] for key in arrived}
    in_truth = sum(int(row["lost_lines_count"]) for row in folder.table("losses_daily"))
    assert in_truth == folder.record["counts"]["events_missing"] > sum(lost.values()) > 0


def test_skewed_clock_moves_all_instants_of_a_start_and_nothing_else(faulty):
    right, wrong = faulty(name="right"), faulty("skew")
    skews = {row["files"]: float(row["skew_seconds"]) for row in wrong.table("emitters")}
    assert 0 < sum(skew != 0 for skew in skews.values()) < len(skews)
    assert min(skews.values()) < -1
    assert max(skews.values()) > 1
    for name, skew in skews.items():
        pairs = zip(right.raw_lines[name], wrong.raw_lines[name], strict=True)
        moved = {_seconds(ours) - _seconds(theirs) for theirs, ours in (map(json.loads, pair) for pair in pairs)}
        assert {round(seconds, 3) for seconds in moved} == {skew}, name


def _seconds(event):
    return datetime.fromisoformat(event["timestamp"]).timestamp()


def test_killed_product_leaves_half_a_line_and_starts_again(faulty):
    folder = faulty("half_written")
    emitters = folder.table("emitters")
    killed = [row for row in emitters if row["is_half_written"] == "true"]
    assert len(killed) >= 3
    for row in killed:
        lines = folder.raw_lines[row["files"]]
        assert not _raw(folder, row["files"]).endswith(b"\n")
        assert 10 < len(lines[-1]) < max(map(len, lines))
        assert not lines[-1].endswith(b"}")
        assert len(lines) == int(row["written_lines_count"])
        assert row["lost_at_end_lines_count"] == "1"
    assert len({row["emitter_id"] for row in emitters}) == len(emitters) == 9 + len(killed)
    # Packed, half a line is a line, and a malformed one.
    packed = [row["files"] for row in killed if row["files"].endswith(".gz")]
    assert packed
    assert sorted(row["path"] for row in folder.table("dead_letters")) == sorted(packed)


def _raw(folder, name):
    content = (folder.path / "logs" / name).read_bytes()
    return gzip.decompress(content) if name.endswith(".gz") else content


@pytest.mark.parametrize("fault", ["rename", "copytruncate"])
def test_rotated_file_goes_on_under_its_name_with_the_same_emitter(faulty, fault):
    plain, folder = faulty(name="plain"), faulty(fault)
    rotated = [row for row in folder.table("emitters") if " " in row["files"]]
    assert len(rotated) == 2
    for row in rotated:
        older, newer = row["files"].split()
        seqs = [[event["seq"] for event in _events(folder.raw_lines[name])] for name in (older, newer)]
        assert seqs[0] + seqs[1] == list(range(int(row["written_lines_count"])))
        assert min(map(len, seqs)) > 0
        assert older.removesuffix(".gz").startswith(newer.removesuffix(".gz").removesuffix(".jsonl"))
        assert older.endswith(".gz") == (fault == "rename")
    assert _all_lines(folder) == _all_lines(plain)


def test_copies_hold_the_bytes_of_their_originals(faulty):
    plain, folder = faulty(name="plain"), faulty("copies")
    extra = set(folder.raw_lines) - set(plain.raw_lines)
    assert len(extra) == 3
    contents = Counter(_raw(folder, name) for name in folder.raw_lines)
    for name in extra:
        assert contents[_raw(folder, name)] == 2
    assert sum(name.endswith("-copy.jsonl") for name in extra) == 1
    assert sum(name.endswith("-copy.jsonl.gz") for name in extra) == 1
    # A copy of what is known loads nothing.
    read = [int(row["read_lines_count"]) for row in folder.table("ingest_reconciliation")]
    assert sum(read) == folder.record["counts"]["events"] < folder.record["counts"]["lines"]


def test_shuffled_lines_come_later_than_they_were_written_and_all_come(faulty):
    plain, folder = faulty(name="plain"), faulty("shuffled")
    late = []
    for lines in folder.raw_lines.values():
        latest = -1
        for event in _events(lines):
            latest = max(latest, event["seq"])
            late.append(latest - event["seq"])
    assert sum(distance > 0 for distance in late) > 0.01 * len(late)
    assert max(late) > 100
    assert _all_lines(folder) == _all_lines(plain)


def test_duplicates_stand_in_their_file_and_in_files_of_their_own(faulty):
    plain, folder = faulty(name="plain"), faulty("duplicates")
    more = _all_lines(folder) - _all_lines(plain)
    assert more.total() == folder.record["counts"]["duplicates"] == folder.record["counts"]["lines"] - len(plain.events)
    rows = folder.table("ingest_reconciliation")
    assert sum(int(row["duplicate_lines_count"]) for row in rows) == more.total()
    resent = [name for name in folder.raw_lines if name.endswith("-resent.jsonl")]
    assert len(resent) == 3
    assert all(int(row["duplicate_lines_count"]) > 0 for row in rows if row["path"] not in resent)


def test_garbage_stands_at_the_beginning_in_the_middle_and_at_the_end_of_good_files(faulty):
    plain, folder = faulty(name="plain"), faulty("garbage")
    assert _all_lines(plain) - _all_lines(folder) == Counter()
    letters = [row for row in folder.table("dead_letters") if row["path"] != "ai_chatbot-broken.jsonl"]
    places = set()
    for row in letters:
        lines, number = folder.raw_lines[row["path"]], int(row["line_number"])
        assert b'"emitter_id"' not in lines[number - 1]
        places.add("first" if number == 1 else "last" if number == len(lines) else "between")
    assert places == {"first", "between", "last"}
    broken = [row for row in folder.table("dead_letters") if row["path"] == "ai_chatbot-broken.jsonl"]
    assert {row["kind"] for row in broken} == set(folder.record["malformed"])


def test_unknown_events_and_fields_are_counted_with_their_first_and_last_instant(faulty):
    folder = faulty("unknown", options=("--sessions-per-day", 150))
    summaries = folder.named("session.summary")
    referred = [event for event in folder.named("session.start") if "referrer" in event]
    expected = [("session.start", "referrer", referred), ("session.summary", "(the event)", summaries)]
    assert [tuple(row.values()) for row in folder.table("schema_drift")] == [
        (event, field, str(len(events)), events[0]["timestamp"], events[-1]["timestamp"])
        for event, field, events in expected
    ]


def test_missing_logouts_are_many_more(faulty):
    plain, folder = (run.record["counts"] for run in (faulty(name="plain"), faulty("missing_logouts")))
    assert plain["agent_shifts_without_logout"] < 0.05 * plain["agent_shifts"]
    assert 0.1 < folder["agent_shifts_without_logout"] / folder["agent_shifts"] < 0.3


def test_late_files_come_in_the_last_delivery_only(faulty):
    folder = faulty("late", options=("--deliveries", 4))
    first = {}
    for row in folder.table("deliveries"):
        first.setdefault(row["file"], int(row["delivery"]))
    assert [name for name, number in first.items() if number == 4 and "week-03" not in name] != []
    assert Counter(first.values())[1] > 0


def _all_lines(folder):
    return Counter(line for lines in folder.raw_lines.values() for line in lines)
