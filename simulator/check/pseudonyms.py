"""Hashes and the values that they stand for."""


class Pseudonyms:
    """Pairs of a value and its hash: one for one in the whole database, which has one key.

    The first pair of a value or a hash holds; one that contradicts it is a difference.
    """

    def __init__(self) -> None:
        self._hashes: dict[tuple[str, str], str] = {}
        self._values: dict[tuple[str, str], str] = {}

    def agree(self, name: str, value: str | None, hashed: str | None) -> bool:
        """Whether a hash stands for a value of the column ``name`` here as it did before; null stands for null."""
        if value is None or hashed is None:
            return value is hashed
        return (
            self._hashes.setdefault((name, value), hashed) == hashed
            and self._values.setdefault((name, hashed), value) == value
        )
