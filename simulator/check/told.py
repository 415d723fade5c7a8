"""The truth tables of a world folder."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
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
        with self._reader() as rows:
            self.columns = next(rows, [])

    def __iter__(self) -> Iterator[list[str]]:
        with self._reader() as rows:
            next(rows, None)
            for number, row in enumerate(rows, start=2):
                if len(row) != len(self.columns):
                    raise TruthRefusedError(
                        f"{self.path}, row {number}: {len(row)} fields under {len(self.columns)} columns",
                        "generate the world anew: simulator generate",
                    )
                yield row

    @contextmanager
    def _reader(self) -> Iterator[Iterator[list[str]]]:
        try:
            with self.path.open(encoding="utf-8", newline="") as file:
                yield csv.reader(file)
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            reason = "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else error
            raise TruthRefusedError(
                f"{self.path} cannot be read as a truth table: {reason}", "generate the world anew: simulator generate"
            ) from error


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
