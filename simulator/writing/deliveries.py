"""Deliveries: what is still to come into a log folder lies beside it, and comes when it is called."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from shutil import rmtree
from typing import Any

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
    _write(folder, 0, deliveries)


def deliver(folder: Path) -> tuple[int, list[Action]] | None:
    """Let the next delivery come: its number, from 1, and what it did; None where nothing is left.

    A delivery that was cut short goes on where it was. Raises FolderRefusedError for a folder without deliveries, or
    with damaged ones.
    """
    record = read_record(folder)
    if record is None:
        raise FolderRefusedError(f"{folder} holds no world", _make(folder))
    if not _has_deliveries(record):
        raise FolderRefusedError(
            f"the logs of {folder} do not come in deliveries, all of them are there", _make(folder)
        )
    if not (folder / PENDING / _PLAN).exists():
        return None
    number, deliveries = _read(folder)
    if number == 0:
        (folder / "logs").mkdir(exist_ok=True)
    elif not (folder / "logs").is_dir():
        raise FolderRefusedError(f"{folder / 'logs'} is missing, though deliveries have come into it", _anew(folder))
    done = deliveries[0]
    # Known as ours before they are there, so that a delivery that is cut short leaves nothing that nobody clears away.
    files = {*record["files"], *(f"logs/{name}" for action in done for name in action.files)}
    write_record(folder, record, files)
    for index, action in enumerate(done):
        perform(action, folder / "logs", folder / PENDING)
        _write(folder, number, [done[index + 1 :], *deliveries[1:]])
    _write(folder, number + 1, deliveries[1:])
    if not deliveries[1:]:
        rmtree(folder / PENDING)
    write_record(folder, record, (name for name in files if (folder / name).exists()))
    return number + 1, done


def _has_deliveries(record: dict[str, Any]) -> bool:
    """Whether a record is of a run with several deliveries; a run without an end has none."""
    parameters = record.get("parameters")
    count = parameters.get("deliveries") if isinstance(parameters, dict) else None
    return isinstance(count, int) and count > 1


def _make(folder: Path) -> str:
    return f"make a world that does: simulator generate --deliveries 5 --out {folder}"


def _anew(folder: Path) -> str:
    return f"make the world anew: simulator generate --deliveries 5 --out {folder}"


def _read(folder: Path) -> tuple[int, list[list[Action]]]:
    """The number of deliveries that have come, and those that have not."""
    path = folder / PENDING / _PLAN
    try:
        plan = json.loads(path.read_bytes())
        number = int(plan["delivered"])
        deliveries = [[Action(**action) for action in actions] for actions in plan["deliveries"]]
    except KeyError as error:
        raise _damaged(folder, f"it has no {error}") from error
    except (ValueError, TypeError) as error:
        raise _damaged(folder, str(error)) from error
    if not deliveries:
        raise _damaged(folder, "no delivery is in it")
    names = {action.source for action in deliveries[0]} - {""}
    if absent := sorted(name for name in names if not (path.parent / name).is_file()):
        raise _damaged(folder, f"the content {absent[0]} is missing")
    return number, deliveries


def _damaged(folder: Path, reason: str) -> FolderRefusedError:
    return FolderRefusedError(f"{folder / PENDING / _PLAN} is damaged: {reason}", _anew(folder))


def _write(folder: Path, delivered: int, deliveries: Sequence[Sequence[Action]]) -> None:
    plan = {"delivered": delivered, "deliveries": [[asdict(action) for action in actions] for actions in deliveries]}
    part = folder / PENDING / f"{_PLAN}.part"
    part.write_text(json.dumps(plan, indent=1) + "\n", encoding="utf-8")
    part.replace(folder / PENDING / _PLAN)
