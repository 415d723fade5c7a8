"""Where a project's things are: its root, its state folder, its seeds. Values in, paths out; nothing is created."""

import hashlib
import os
import pwd
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from .errors import ServerError

SYSTEM_FOLDER = Path("/var/lib/support-warehouse")


class Project(NamedTuple):
    """The project that a command works for.

    root: nearest folder upwards with a ``dbt_project.yml``, else the working folder.
    state: folder of the embedded server, outside of the root, so that a clean checkout loses no data.
    """

    root: Path
    state: Path

    @property
    def is_dbt_project(self) -> bool:
        return (self.root / "dbt_project.yml").is_file()


def find_project(working_folder: Path, environment: Mapping[str, str], user_id: int) -> Project:
    """The project around ``working_folder``. Raises ServerError if there is no place for its state."""
    root = working_folder.resolve()
    for folder in (root, *root.parents):
        if (folder / "dbt_project.yml").is_file():
            root = folder
            break
    if chosen := environment.get("LOADER_STATE_DIR"):
        return Project(root, Path(chosen).absolute())
    key = hashlib.sha256(os.fsencode(root)).hexdigest()[:12]
    return Project(root, _state_base(environment, user_id) / f"{root.name or 'root'}-{key}")


def aliases_path(project: Project, environment: Mapping[str, str]) -> Path:
    """The seed of older event names."""
    chosen = environment.get("LOADER_EVENT_ALIASES")
    return Path(chosen) if chosen else project.root / "seeds" / "contract" / "event_aliases.csv"


def _state_base(environment: Mapping[str, str], user_id: int) -> Path:
    if user_id == 0:
        # Beside root's own files: the server runs under an account that may not enter root's home.
        return SYSTEM_FOLDER
    state_home = environment.get("XDG_STATE_HOME", "")
    if state_home.startswith("/"):  # the specification says to ignore relative ones
        return Path(state_home) / "support-warehouse"
    home = environment.get("HOME") or _home_of(user_id)
    return Path(home) / ".local" / "state" / "support-warehouse"


def _home_of(user_id: int) -> str:
    try:
        return pwd.getpwuid(user_id).pw_dir
    except KeyError:
        raise ServerError(
            f"user {user_id} has no home folder for the embedded server's data",
            "set LOADER_STATE_DIR to a folder for it, or DATABASE_URL to a server of your own",
        ) from None
