"""The score of a message from a contact, 0 to 100, and the bucket that it leads to.

Points: for each matched keyword those of its list, each keyword once; for each type of file, each once; 12 from Monday
to Friday and 4 on Saturday and Sunday, by the tenant's local date; 20 for a match in the knowledge base. At most 100. A
keyword of the blacklist makes it 0. What we write ourselves has no score.

The trigger type is that of the keyword list with the most points, of equal ones the first of pre-sales, after-sales,
business development; null without a keyword. A bucket is white from 80 points, gray from 60, else black.
"""

from datetime import date
from typing import Literal

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
from ..world.thread import Message

_SATURDAY = 5
Bucket = Literal["WHITE", "GRAY", "BLACK"]


def score(message: Message, day: date) -> int:
    """The points of a message of a local day."""
    keywords, files = set(message.keyword_hits), set(message.file_types)
    if keywords & set(BLACKLIST):
        return 0
    points = WEEKDAY_POINTS if day.weekday() < _SATURDAY else WEEKEND_POINTS
    points += sum(_keyword_points(message).values())
    points += sum(points_of_file for name, points_of_file in FILE_POINTS.items() if name in files)
    points += KNOWLEDGE_BASE_POINTS if message.is_in_knowledge_base else 0
    return min(points, MOST_POINTS)


def trigger_type(message: Message) -> str | None:
    """The type of trigger that a message asks for; None where no keyword matched."""
    points = _keyword_points(message)
    best = max(points, key=lambda name: points[name])
    return best if points[best] else None


def bucket(points: int) -> Bucket:
    """The bucket of a score."""
    return "WHITE" if points >= WHITE_FROM else "GRAY" if points >= GRAY_FROM else "BLACK"


def _keyword_points(message: Message) -> dict[str, int]:
    """By trigger type, the points of the keywords that matched."""
    return {
        name: sum(points for keyword, points in words.items() if keyword in message.keyword_hits)
        for name, words in KEYWORD_POINTS.items()
    }
