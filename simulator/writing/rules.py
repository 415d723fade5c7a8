"""The rules that a world was played by and that are no parameters yet: points of the customer hub."""

from collections.abc import Iterator
from pathlib import Path

from ..truth.table import Row, write_table
from ..world.scoring import (
    BLACKLIST,
    FILE_POINTS,
    GRAY_FROM,
    KEYWORD_POINTS,
    KNOWLEDGE_BASE_POINTS,
    MOST_POINTS,
    WEEKDAY_POINTS,
    WEEKEND_POINTS,
    WHITE_FROM,
)


def write_rules(folder: Path) -> None:
    """Write the rules into a folder of the truth, one table for each kind."""
    write_table(folder / "scoring_keywords.csv", _scoring_keywords())
    write_table(folder / "scoring_points.csv", _scoring_points())


def _scoring_keywords() -> Iterator[Row]:
    for trigger_type, words in KEYWORD_POINTS.items():
        for keyword, points in words.items():
            yield {"keyword": keyword, "trigger_type": trigger_type, "points": points, "is_blacklisted": False}
    for keyword in BLACKLIST:
        yield {"keyword": keyword, "trigger_type": None, "points": None, "is_blacklisted": True}


def _scoring_points() -> Iterator[Row]:
    for file_type, points in FILE_POINTS.items():
        yield {"rule": "file_type", "name": file_type, "points": points}
    yield {"rule": "day", "name": "weekday", "points": WEEKDAY_POINTS}
    yield {"rule": "day", "name": "weekend", "points": WEEKEND_POINTS}
    yield {"rule": "knowledge_base", "name": "matched", "points": KNOWLEDGE_BASE_POINTS}
    yield {"rule": "message", "name": "at_most", "points": MOST_POINTS}
    yield {"rule": "bucket_from", "name": "WHITE", "points": WHITE_FROM}
    yield {"rule": "bucket_from", "name": "GRAY", "points": GRAY_FROM}
    yield {"rule": "bucket_from", "name": "BLACK", "points": 0}
