"""Live views: what is written now is in the figures soon, without a build, and old days are not looked into."""

import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest

from tests.conftest import RunningServer, parsed
from tests.loader.at_work import started
from tests.warehouse.retained import event

#: A loaded machine may take its time; how long it takes is measured by bench/live.py.
PATIENCE_SECONDS = 120
ANSWER = {"role": "ai", "message_length": 9}
ESCALATED = {"reason": "asked", "severity": "high"}
ENDED = {"duration_seconds": 420, "message_count": 0, "resolved_by": "none"}
TAKEOVER = {"session_id": "waits", "agent_id": "at-work"}


class Story:
    """Lines that are some minutes old. now: when they are written."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def ago(self, minutes: float) -> str:
        return (self.now - timedelta(minutes=minutes)).isoformat()

    def session(self, name: str, *steps: tuple[str, float, dict[str, Any]]) -> list[bytes]:
        return [
            event(step, number, self.ago(at), session_id=name, **more) for number, (step, at, more) in enumerate(steps)
        ]

    def agent(self, name: str, *steps: tuple[str, float, dict[str, Any]]) -> list[bytes]:
        return [
            event(f"agent.{step}", number, self.ago(at), event_id=f"{name}-{number}", agent_id=name, **more)
            for number, (step, at, more) in enumerate(steps)
        ]

    def of_days_ago(self) -> list[bytes]:
        """Loaded and built days ago; the session goes on now."""
        long = self.session(
            "long", ("session.start", 60 * 24 * 4, {"channel": "web"}), ("session.escalate", 6, ESCALATED)
        )
        return [*long, *self.agent("left-long-ago", ("login", 60 * 24 * 4, {"agent_name": "n"}))]

    def of_today(self) -> list[bytes]:
        web, named = {"channel": "web"}, {"agent_name": "n"}
        waits = self.session(
            "waits",
            ("session.start", 5, {"channel": "app"}),
            ("session.message", 4, ANSWER | {"response_time_ms": 1200}),
            ("session.message", 20, ANSWER | {"response_time_ms": 9000}),
            ("session.escalate", 3, ESCALATED),
        )
        return [
            event("session.message", 9, self.ago(1), session_id="long", role="user", message_length=3),
            *self.session(
                "plain", ("session.start", 5, web), ("session.message", 4, ANSWER | {"response_time_ms": 800})
            ),
            *waits,
            # The same line twice is one answer.
            waits[1],
            *self.session(
                "rejected", ("session.start", 5, web), ("session.escalate", 4, ESCALATED | {"accepted": False})
            ),
            *self.session("ended", ("session.start", 9, web), ("session.end", 2, ENDED)),
            *self.session("silent", ("session.start", 121, web)),
            *self.session(
                "test",
                ("session.start", 5, web | {"is_test": True}),
                ("session.message", 4, ANSWER | {"response_time_ms": 70}),
            ),
            *self.agent("at-work", ("login", 400, named), ("heartbeat", 1, {})),
            *self.agent(
                "at-lunch",
                ("login", 30, named),
                ("status_change", 2, {"from_status": "online", "to_status": "break"}),
            ),
            *self.agent("gone", ("login", 30, named), ("logout", 1, {})),
            *self.agent("fell-silent", ("login", 30, named)),
            # What comes so late, or from a clock so far ahead, is left to the next build.
            *self.agent("came-late", ("login", 60 * 24 * 3, named)),
            *self.agent("ahead", ("login", -60 * 24 * 3, named)),
        ]


@dataclass
class Seen:
    """The rows of each view before and after a takeover, as the role reader sees them; scanned: partitions that were
    read.
    """

    past: Story
    story: Story
    before: dict[str, list[dict[str, Any]]]
    after: dict[str, list[dict[str, Any]]]
    scanned: list[str]
    old_day: str


@pytest.fixture(scope="module")
def seen(server: RunningServer, new_database, built_template, fork_dbt, tmp_path_factory) -> Iterator[Seen]:
    logs = tmp_path_factory.mktemp("logs")
    with new_database(built_template) as url, psycopg.connect(url, autocommit=True) as owner:
        reader = server.parameters(parsed(url)["dbname"], "reader")
        past = Story(datetime.now(UTC))
        (logs / "old.jsonl").write_bytes(text_of(past.of_days_ago()))
        with started(logs, database=url, server=server) as process:
            assert process.wait(PATIENCE_SECONDS) == 0
        old_day = past.now.date() - timedelta(days=4)
        owner.execute("select raw.ensure_partition(%s)", [old_day])
        for table in ("events", "loads"):
            owner.execute(f"update raw.{table} set loaded_on = %s", [old_day])
        built = fork_dbt(url, "run", "--select", "+fct_sessions", "+fct_queue_waits", as_of=past.now.isoformat())
        assert built.returncode == 0, built.stdout
        with started(logs, "--follow", database=url, server=server) as process:
            # A sign of life ten minutes ago would be none: the story begins when all is ready.
            story = Story(datetime.now(UTC))
            (logs / "new.jsonl").write_bytes(text_of(story.of_today()))
            lines = len(past.of_days_ago()) + len(story.of_today())
            wait_until(owner, process, "select count(*) from raw.events", lines)
            before = rows_of_views(reader)
            with (logs / "new.jsonl").open("ab") as stream:
                stream.write(text_of([event("agent.session_takeover", 10, story.ago(0), **TAKEOVER)]))
            wait_until(owner, process, "select sum(held_sessions_count) from marts.realtime_agents", 1)
            process.send_signal(signal.SIGTERM)
            process.communicate()
        yield Seen(past, story, before, rows_of_views(reader), scanned(owner), f"events_{old_day:%Y%m%d}")


def text_of(lines: list[bytes]) -> bytes:
    return b"".join(line + b"\n" for line in lines)


def wait_until(owner: psycopg.Connection[Any], process: Any, query: str, value: int) -> None:
    began = time.monotonic()
    while owner.execute(query).fetchall() != [(value,)]:
        assert process.poll() is None
        assert time.monotonic() - began < PATIENCE_SECONDS


def rows_of_views(reader: dict[str, str]) -> dict[str, list[dict[str, Any]]]:
    with psycopg.connect(**reader) as connection:
        return {
            view: [
                row
                for (row,) in connection.execute(
                    f"select to_jsonb(rows) from marts.realtime_{view} as rows order by to_jsonb(rows)::text"
                )
            ]
            for view in ("overview", "channels", "agents")
        }


def scanned(owner: psycopg.Connection[Any]) -> list[str]:
    """Partitions of raw.events that a look at all views reads."""
    found = set()
    for view in ("overview", "channels", "agents"):
        [(plan,)] = owner.execute(f"explain (analyze, format json) select * from marts.realtime_{view}").fetchall()
        nodes = [plan[0]["Plan"]]
        while nodes:
            node = nodes.pop()
            nodes += node.get("Plans", [])
            if node.get("Relation Name", "").startswith("events_") and node["Actual Loops"]:
                found.add(node["Relation Name"])
    return sorted(found)


def figures(row: dict[str, Any], *names: str) -> list[Any]:
    return [row[name] for name in names]


def test_sessions_that_go_on_are_counted_with_what_was_built_of_them_before(seen):
    """Active are `plain`, `waits`, `rejected` and `long`, whose escalation days ago nobody has answered."""
    [overview] = seen.before["overview"]
    assert figures(overview, "active_sessions_count", "waiting_sessions_count") == [4, 2]
    assert datetime.fromisoformat(overview["waiting_since_at"]) == datetime.fromisoformat(seen.past.ago(6))


def test_the_sessions_of_today_are_those_of_the_tenants_day(seen):
    [overview] = seen.before["overview"]
    zone = ZoneInfo("Asia/Shanghai")
    today = datetime.fromisoformat(overview["measured_at"]).astimezone(zone).date()
    begun = {"plain": 5, "waits": 5, "rejected": 5, "ended": 9, "silent": 121}
    count = sum((seen.story.now - timedelta(minutes=at)).astimezone(zone).date() == today for at in begun.values())
    escalated = 2 * ((seen.story.now - timedelta(minutes=5)).astimezone(zone).date() == today)
    assert figures(overview, "today_sessions_count", "today_escalated_count") == [count, escalated]


def test_answers_of_the_last_quarter_of_an_hour_are_averaged_each_once(seen):
    [overview] = seen.before["overview"]
    assert figures(overview, "recent_answers_count", "avg_recent_response_time_ms") == [2, 1000]


def test_channels_share_the_sessions(seen):
    found = {
        row["channel"]: (row["active_sessions_count"], row["waiting_sessions_count"]) for row in seen.before["channels"]
    }
    assert found == {"app": (1, 1), "web": (3, 1)}


def test_agents_are_online_until_they_log_out_or_fall_silent(seen):
    found = {row["agent_id"]: (row["is_online"], row["status"]) for row in seen.before["agents"]}
    assert found == {
        "at-work": (True, "online"),
        "at-lunch": (True, "break"),
        "gone": (False, None),
        "fell-silent": (False, None),
    }
    assert figures(seen.before["overview"][0], "online_agents_count", "available_agents_count") == [2, 1]


def test_a_takeover_is_in_the_figures_without_a_build(seen):
    [overview] = seen.after["overview"]
    assert figures(overview, "active_sessions_count", "waiting_sessions_count") == [4, 1]
    assert {row["agent_id"]: row["held_sessions_count"] for row in seen.after["agents"]}["at-work"] == 1


def test_days_before_the_last_two_of_loads_are_not_looked_into(seen):
    assert seen.scanned
    assert seen.old_day not in seen.scanned
