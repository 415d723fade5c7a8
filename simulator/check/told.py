"""The truth tables of a world folder."""

import csv
from collections.abc import Iterator
from pathlib import Path

from ..errors import TruthRefusedError


class Told:
    """A truth table: the names of its columns, and its rows as texts. A file without a header has no rows either."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.columns: list[str] = []
        if not path.is_file():
            raise TruthRefusedError(
                f"{path.parent} does not tell the truth of {path.stem}: it has no {path.name}",
                "generate the world anew with this version: simulator generate",
            )
        with path.open(encoding="utf-8", newline="") as file:
            self.columns = next(csv.reader(file), [])

    def __iter__(self) -> Iterator[list[str]]:
        with self.path.open(encoding="utf-8", newline="") as file:
            rows = csv.reader(file)
            next(rows, None)
            for row in rows:
                if len(row) != len(self.columns):
                    raise TruthRefusedError(
                        f"{self.path}, line {rows.line_num}: {len(row)} fields under {len(self.columns)} columns",
                        "generate the world anew: simulator generate",
                    )
                yield row


def truth_folder(world: Path) -> Path:
    """The folder with the truth of a world, whose logs must all have come."""
    folder = world / "truth"
    if not folder.is_dir():
        raise TruthRefusedError(
            f"{world} holds no truth: it has no folder truth",
            "name a folder that simulator generate wrote, and wrote without --bulk",
        )
    if (world / "pending").exists():
        raise TruthRefusedError(
            f"{world} has logs that have not come yet, and its truth is that of all of them",
            f"repeat until nothing is left: simulator deliver {world}, loader ingest {world / 'logs'}; then dbt build",
        )
    return folder
