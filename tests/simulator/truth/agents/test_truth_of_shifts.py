"""The truth of agents: shifts; each expected value is worked out by hand.

Scenes begin at midnight in Shanghai on Monday, October 5th; ``e1``, ``e2`` … are the lines as they are written.
"""

from tests.simulator.truth.rows import some


def test_a_shift_over_midnight_belongs_to_the_day_of_its_login(desk):
    scene = desk(as_of_hours=48)
    scene.after(hours=22)
    scene.agent.log_in()
    scene.after(hours=8)
    scene.agent.log_out(480.5, 3)
    (row,) = scene.rows("fct_agent_shifts")
    assert some(row, "login_event_id", "logout_event_id", "agent_id", "shift_date") == ("e1", "e2", "a1", "2026-10-05")
    assert some(row, "end_source", "duration_seconds") == ("logout", "28800.000000")
    assert some(row, "reported_work_minutes", "reported_sessions_handled_count") == ("480.5", "3")
    assert row["ended_at"] == row["worked_until_at"] == row["last_sign_at"] == "2026-10-05T22:00:00.000000Z"
    # Two hours until midnight, six from then on.
    days = scene.read("agent_performance_daily")
    assert [some(day, "work_date", "work_hours", "shifts_count") for day in days] == [
        ("2026-10-05", "2.000000", "1"),
        ("2026-10-06", "6.000000", "1"),
    ]


def test_a_forgotten_logout_is_inferred_from_the_last_sign_of_life(desk):
    scene = desk(as_of_hours=72)
    for day in range(2):
        scene.agent.log_in()
        scene.after(hours=1)
        scene.agent.beat()
        scene.after(hours=1)
        if day == 0:
            scene.agent.walk_off()
        else:
            scene.agent.log_out(120)
        scene.after(hours=22)
    first, second = scene.rows("fct_agent_shifts")
    # The last sign of life came after an hour, the work was over after two.
    assert some(first, "logout_event_id", "end_source", "duration_seconds", "reported_work_minutes") == (
        ("", "inferred", "4200.000000", "")
    )
    assert some(first, "last_sign_at", "ended_at") == ("2026-10-04T17:00:00.000000Z", "2026-10-04T17:10:00.000000Z")
    assert first["worked_until_at"] == "2026-10-04T18:00:00.000000Z"
    assert some(second, "shift_date", "duration_seconds") == ("2026-10-06", "7200.000000")


def test_a_sign_of_life_by_a_clock_that_is_ahead_does_not_outlast_the_next_login(desk):
    scene = desk()
    scene.agent.log_in()
    scene.after(60)
    scene.writer.agents_ahead = 3600.0
    scene.agent.beat()
    scene.writer.agents_ahead = 0.0
    scene.agent.walk_off()
    scene.after(40)
    scene.agent.log_in()
    first, second = scene.rows("fct_agent_shifts")
    assert some(first, "last_sign_at", "end_source") == (first["started_at"], "next_login")
    assert first["ended_at"] == second["started_at"] == "2026-10-04T16:01:40.000000Z"
    # What is dated into the next shift is a sign of that one.
    assert some(second, "last_sign_at", "ended_at") == ("2026-10-04T17:01:00.000000Z", "2026-10-04T17:11:00.000000Z")


def test_a_logout_ends_the_login_before_it_although_it_belongs_to_another(desk):
    scene = desk(as_of_hours=72)
    scene.agent.log_in()
    scene.after(hours=1)
    scene.agent.walk_off()
    scene.after(hours=23)
    scene.agent.log_in()
    scene.agent.shift.login = scene.agent.shift.login._replace(is_recorded=False)
    scene.after(hours=2)
    scene.agent.log_out(120)
    (row,) = scene.rows("fct_agent_shifts")
    assert some(row, "login_event_id", "logout_event_id", "reported_work_minutes") == ("e1", "e3", "120")
    assert row["duration_seconds"] == "93600.000000"


def test_a_shift_has_the_status_that_the_first_change_changed_until_then(desk):
    scene = desk()
    scene.agent.log_in()
    for status, seconds in (("online", 10), ("busy", 100), ("away", 200), ("online", 300), ("break", 400)):
        scene.after(seconds)
        scene.agent.change_status(status)
    scene.after(50)
    scene.agent.log_out()
    (row,) = scene.rows("fct_agent_shifts")
    assert some(row, "online_seconds", "busy_seconds", "away_seconds", "break_seconds") == (
        "500.000000",  # 100 and 400
        "200.000000",
        "300.000000",
        "50.000000",
    )
    assert some(row, "offline_seconds", "unknown_seconds", "duration_seconds") == (
        "10.000000",
        "0.000000",
        "1060.000000",
    )
    statuses = scene.read("fct_agent_status_intervals")
    assert [some(each, "status", "duration_seconds") for each in statuses[:3]] == [
        ("offline", "10.000000"),
        ("online", "100.000000"),
        ("busy", "200.000000"),
    ]
    assert statuses[-1]["valid_to"] == row["ended_at"]


def test_held_time_counts_once_where_two_sessions_are_in_hand(desk):
    scene = desk()
    sessions = [scene.visit(f"s{n}") for n in range(3)]
    scene.agent.take_over(sessions[2])
    scene.after(10)
    scene.agent.log_in()
    for number, pause in ((0, 100), (1, 30)):
        scene.agent.take_over(sessions[number])
        scene.after(pause)
    scene.agent.release(sessions[0])
    scene.agent.take_over(sessions[0])
    scene.after(20)
    scene.agent.release(sessions[0])
    scene.agent.release(sessions[1])
    scene.after(500)
    scene.agent.log_out()
    (row,) = scene.rows("fct_agent_shifts")
    # 100 alone, then 30 and 20 with two; what was taken over before the login is not of this shift.
    assert some(row, "held_seconds", "peak_concurrency", "handled_sessions_count") == ("150.000000", "2", "2")


def test_what_is_still_held_is_held_until_the_shift_ends(desk):
    scene = desk(as_of_hours=1.0)
    scene.agent.log_in()
    scene.after(10)
    scene.agent.take_over(scene.visit())
    scene.after(60)
    scene.agent.log_out()
    (row,) = scene.rows("fct_agent_shifts")
    assert some(row, "held_seconds", "peak_concurrency") == ("60.000000", "1")


def test_occupancy_is_of_the_time_on_the_queue(desk):
    scene = desk()
    scene.agent.log_in()
    scene.agent.change_status("online")
    scene.after(100)
    sessions = [scene.visit(f"s{n}") for n in range(2)]
    scene.agent.take_over(sessions[0])
    scene.after(50)
    scene.agent.take_over(sessions[1])
    scene.agent.change_status("busy")
    scene.after(30)
    scene.agent.change_status("away")
    scene.after(20)
    scene.agent.release(sessions[0])
    scene.agent.release(sessions[1])
    scene.after(300)
    scene.agent.log_out()
    (row,) = scene.rows("fct_agent_shifts")
    # On the queue for 180 s, of which 80 with a session; 100 s with one at all, 50 of them with two.
    assert some(row, "on_queue_seconds", "occupied_seconds", "held_seconds", "session_seconds") == (
        ("180.000000", "80.000000", "100.000000", "150.000000")
    )
    assert some(row, "occupancy_rate", "mean_concurrency", "peak_concurrency") == ("0.444444", "1.500000", "2")


def test_a_shift_is_on_until_the_last_sign_of_life_is_ten_minutes_old(desk):
    scene = desk(as_of_hours=1.0)
    scene.agent.log_in()
    scene.after(3001)
    scene.agent.beat()
    scene.colleague.log_in()
    scene.colleague.shift.started_at = scene.colleague.shift.login.at
    scene.after(2000)
    anna, bert = scene.rows("fct_agent_shifts")
    assert some(anna, "ended_at", "end_source", "duration_seconds") == ("", "", "3600.000000")
    assert some(bert, "end_source", "duration_seconds") == ("", "599.000000")
