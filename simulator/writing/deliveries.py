"""Deliveries: what is still to come into a log folder lies beside it, and comes when it is called."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from shutil import rmtree

from ..errors import FolderRefusedError
from .actions import Action, perform
from .folder import read_record, write_record

PENDING = "pending"
_PLAN = "plan.json"


def perform_all(deliveries: Sequence[Sequence[Action]], logs: Path, contents: Path) -> None:
    """Let everything come at once."""
    logs.mkdir()
    for actions in deliveries:
        for action in actions:
            perform(action, logs, contents)


def write_plan(folder: Path, deliveries: Sequence[Sequence[Action]]) -> None:
    """Leave the plan of what is to come with its contents, in the folder of a run."""
    (folder / "logs").mkdir()
    _write(folder, 0, [[asdict(action) for action in actions] for actions in deliveries])


def deliver(folder: Path) -> tuple[int, list[Action]] | None:
    """Let the next delivery come: its number, from 1, and what it did; None where nothing is left.

    A delivery that was cut short goes on where it was. Raises FolderRefusedError for a folder without deliveries.
    """
    record = read_record(folder)
    if record is None:
        raise FolderRefusedError(
            f"{folder} holds no world", f"make one: simulator generate --deliveries 5 --out {folder}"
        )
    if not (folder / PENDING / _PLAN).exists():
        return None
    plan = json.loads((folder / PENDING / _PLAN).read_bytes())
    number, deliveries = plan["delivered"], plan["deliveries"]
    done = [Action(**action) for action in deliveries[0]]
    # Known as ours before they are there, so that a delivery that is cut short leaves nothing that nobody clears away.
    files = {*record["files"], *(f"logs/{name}" for action in done for name in action.files)}
    write_record(folder, record, files)
    while deliveries[0]:
        perform(Action(**deliveries[0][0]), folder / "logs", folder / PENDING)
        del deliveries[0][0]
        _write(folder, number, deliveries)
    _write(folder, number + 1, deliveries[1:])
    if not deliveries[1:]:
        rmtree(folder / PENDING)
    write_record(folder, record, (name for name in files if (folder / name).exists()))
    return number + 1, done


def _write(folder: Path, delivered: int, deliveries: Sequence[Sequence[object]]) -> None:
    part = folder / PENDING / f"{_PLAN}.part"
    part.write_text(json.dumps({"delivered": delivered, "deliveries": deliveries}, indent=1) + "\n", encoding="utf-8")
    part.replace(folder / PENDING / _PLAN)
