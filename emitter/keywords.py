"""Which keywords of the customer hub a text holds: ``HubMessage.keyword_hits`` without logging the text.

>>> from emitter import HubMessage
>>> from emitter.keywords import keyword_hits
>>> text = "What is your PRICE for 500 pieces? 请报价"
>>> HubMessage(thread_id="t1", contact_id="c1", speaker="them", keyword_hits=keyword_hits(text)).keyword_hits
['price', '报价']

The words are those of the warehouse's seed ``hub_keywords``, a copy of which comes with this package. A company with
lists of its own names its file: ``Keywords.read(path).hits(text)``.
"""

import csv
import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path

__all__ = ["Keywords", "keyword_hits"]

_FILE = Path(__file__).with_name("hub_keywords.csv")
# Scripts that put no spaces between words: Chinese and Japanese.
_UNSPACED = "\u2e80-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_LETTER = f"[^\\W_{_UNSPACED}]"


class Keywords:
    """Words to look for. Upper and lower case, and full and half width, are the same; any space is one space.

    A word is found as a whole word ("loan" is not in "download"); in scripts without spaces, anywhere.
    """

    def __init__(self, keywords: Iterable[str]) -> None:
        # Each once, in the order given.
        self._patterns = {keyword: _pattern(keyword) for keyword in keywords if keyword.strip()}

    @classmethod
    def read(cls, path: str | Path) -> "Keywords":
        """The words of a file like the seed: a CSV file in UTF-8 with a column ``keyword``, of whatever dates.

        Raises OSError where there is no such file, and KeyError where it has no such column.
        """
        with Path(path).open(encoding="utf-8-sig", newline="") as file:
            return cls([row["keyword"] for row in csv.DictReader(file)])

    def hits(self, text: str) -> list[str]:
        """The words that a text holds, each once, spelled and ordered as in the list."""
        plain = _plain(text)
        return [keyword for keyword, pattern in self._patterns.items() if pattern.search(plain)]


def keyword_hits(text: str) -> list[str]:
    """The words of the lists that come with this package which a text holds."""
    return _shipped().hits(text)


@cache
def _shipped() -> Keywords:
    return Keywords.read(_FILE)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _pattern(keyword: str) -> re.Pattern[str]:
    words = r"\s+".join(map(re.escape, _plain(keyword).split()))
    # At an end that is a letter or digit of a script with spaces, no other one may follow.
    before = f"(?<!{_LETTER})" if re.match(_LETTER, _plain(keyword).strip()) else ""
    after = f"(?!{_LETTER})" if re.match(_LETTER, _plain(keyword).strip()[-1:]) else ""
    return re.compile(before + words + after)
