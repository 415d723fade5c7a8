"""A program that writes logs as products do, and that treats the files as careless administrators do.

``python busy_logs.py FOLDER SEED`` writes, rotates, packs, moves and copies until its stdin is closed. Then it ends
every line that it has begun and says on stdout, as JSON, what it has written. No file that is written to is deleted.
"""

import gzip
import json
import random
import select
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import zstandard

PRODUCTS = ("chat", "desk", "hub")
#: Name of an event that the rules of the run reject, and that later rules take.
LATER = "chat.begun"
_LONGEST_PAUSE = 0.03
_COPIES = 8
_PIECES = 12


class Product:
    """A file that is written to. Every line has a number of its own over all products."""

    def __init__(self, folder: Path, name: str, numbers: Iterator[int], chance: random.Random) -> None:
        self.path = folder / f"{name}.jsonl"
        self._name = name
        self._numbers = numbers
        self._chance = chance
        self._rest = b""
        self._file = self.path.open("xb", buffering=0)

    def write(self, told: Counter[str]) -> None:
        """Some lines, of which the last may stay half written until the next call."""
        chance = self._chance
        content = self._rest + b"".join(self._line(told) for _ in range(chance.choice((1, 2, 5, 20))))
        cut = len(content) - (chance.randrange(1, 80) if chance.random() < 0.3 else 0)
        self._file.write(content[:cut])
        self._rest = content[cut:]

    def rotate(self, name: Path) -> None:
        """End the file, give it another name and begin a new one."""
        self.close()
        self.path.rename(name)
        self._file = self.path.open("xb", buffering=0)

    def close(self) -> None:
        self._file.write(self._rest)
        self._rest = b""
        self._file.close()

    def _line(self, told: Counter[str]) -> bytes:
        number, kind = next(self._numbers), self._chance.random()
        if kind < 0.005:
            told["bad"] += 1
            return b"no json %d \xff\x00\n" % number
        told["later" if kind < 0.01 else "good"] += 1
        line = {
            "event": LATER if kind < 0.01 else "session.start",
            "event_id": f"event-{number}",
            "timestamp": "2026-05-01T10:00:00Z",
            "product": self._name,
            "channel": "web",
            "note": "x" * self._chance.randrange(200),
        }
        if kind >= 0.01:
            line["session_id"] = f"s{number}"
        return json.dumps(line).encode() + b"\n"


class Folder:
    """The logs and what becomes of them. told: how many lines of each kind, and how often what was done to files."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._chance = random.Random(seed)
        self.told: Counter[str] = Counter(bad=0, later=0, good=0)
        self._numbers = iter(range(1, sys.maxsize))
        self._names = iter(range(1, sys.maxsize))
        self._folder = folder
        self._old = folder / "old"
        self._old.mkdir()
        self._products = [Product(folder, name, self._numbers, self._chance) for name in PRODUCTS]
        self._rotated: list[Path] = []
        self._copies: list[Path] = []
        self._packing: Iterator[None] = iter(())

    def step(self) -> None:
        """Write to one file, and now and then do something to another."""
        self._chance.choice(self._products).write(self.told)
        next(self._packing, None)
        kinds: list[tuple[float, Callable[[], None]]] = [
            (0.008, self._rotate),
            (0.008, self._pack),
            (0.005, self._copy),
            (0.003, self._move),
        ]
        for probability, act in kinds:
            if self._chance.random() < probability:
                act()

    def end(self) -> None:
        """Complete whatever was begun."""
        for product in self._products:
            product.close()
        for _ in self._packing:
            pass

    def _rotate(self) -> None:
        name = self._folder / f"rotated-{next(self._names)}.jsonl"
        self._chance.choice(self._products).rotate(name)
        self._rotated.append(name)
        self.told["rotations"] += 1

    def _pack(self) -> None:
        """Begin to pack a rotated file; each step writes a piece, under the name that the archive keeps."""
        if self._rotated and next(self._packing, self) is self:
            path = self._rotated.pop(self._chance.randrange(len(self._rotated)))
            self._packing = self._pieces_of(path)

    def _pieces_of(self, path: Path) -> Iterator[None]:
        content = path.read_bytes()
        is_gzip = self._chance.random() < 0.5
        packed = gzip.compress(content) if is_gzip else zstandard.compress(content)
        archive = self._old / f"{path.name}{'.gz' if is_gzip else '.zst'}"
        size = len(packed) // _PIECES + 1
        with archive.open("xb", buffering=0) as file:
            for start in range(0, len(packed), size):
                file.write(packed[start : start + size])
                yield
        path.unlink()
        self.told["archives"] += 1

    def _copy(self) -> None:
        """A copy of a file as it is at this moment, maybe with half a line at its end; the oldest copy goes."""
        path = self._chance.choice([product.path for product in self._products] + self._rotated)
        copy = self._old / f"copy-{next(self._names)}.jsonl"
        shutil.copyfile(path, copy)
        self._copies.append(copy)
        if len(self._copies) > _COPIES:
            self._copies.pop(0).unlink()
        self.told["copies"] += 1

    def _move(self) -> None:
        if self._rotated:
            number = self._chance.randrange(len(self._rotated))
            self._rotated[number] = self._rotated[number].rename(self._old / f"moved-{next(self._names)}.jsonl")
            self.told["moves"] += 1


def main() -> None:
    """Write until stdin is closed."""
    folder = Folder(Path(sys.argv[1]), int(sys.argv[2]))
    pace = random.Random(int(sys.argv[2]))
    while not select.select([sys.stdin], [], [], pace.uniform(0, _LONGEST_PAUSE))[0]:
        folder.step()
    folder.end()
    print(json.dumps(folder.told))


if __name__ == "__main__":
    main()
