"""The parameter seeds by which the customer hub of a world is scored and measured: keywords, points, goals."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from ..truth.table import Row, write_table
from ..world.scoring import (
    BLACKLIST,
    FILE_POINTS,
    GRAY_FROM,
    KEYWORD_POINTS,
    KNOWLEDGE_BASE_POINTS,
    MOST_POINTS,
    TARGETS,
    WEEKDAY_POINTS,
    WEEKEND_POINTS,
    WHITE_FROM,
)

_ALWAYS = {"valid_from": date(2000, 1, 1), "valid_to": None}


def write_scores(folder: Path) -> None:
    """Write keywords, points and goals into the folder of the parameter seeds."""
    write_table(folder / "hub_keywords.csv", _keywords())
    write_table(folder / "hub_score_points.csv", ({**row, **_ALWAYS} for row in _points()))
    write_table(
        folder / "hub_targets.csv",
        (
            {"metric": metric, "comparison": comparison, "target": target, **_ALWAYS}
            for metric, (comparison, target) in TARGETS.items()
        ),
    )


def _keywords() -> Iterator[Row]:
    for trigger_type, words in KEYWORD_POINTS.items():
        for keyword, points in words.items():
            yield {"keyword": keyword, "keyword_list": trigger_type, "points": points, **_ALWAYS}
    for keyword in BLACKLIST:
        yield {"keyword": keyword, "keyword_list": "blacklist", "points": 0, **_ALWAYS}


def _points() -> Iterator[Row]:
    for file_type, points in FILE_POINTS.items():
        yield {"rule": "file_type", "name": file_type, "points": points}
    yield {"rule": "day", "name": "weekday", "points": WEEKDAY_POINTS}
    yield {"rule": "day", "name": "weekend", "points": WEEKEND_POINTS}
    yield {"rule": "knowledge_base", "name": "matched", "points": KNOWLEDGE_BASE_POINTS}
    yield {"rule": "message", "name": "at_most", "points": MOST_POINTS}
    yield {"rule": "bucket_from", "name": "WHITE", "points": WHITE_FROM}
    yield {"rule": "bucket_from", "name": "GRAY", "points": GRAY_FROM}
