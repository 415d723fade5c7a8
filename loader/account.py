"""The account that the embedded server runs under: PostgreSQL refuses to run as root."""

import os
import pwd
import shutil
import stat
import subprocess
from pathlib import Path
from typing import NamedTuple

from .errors import ServerError

_SYSTEM_ACCOUNT = "support-warehouse"
_SYSTEM_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"


class Account(NamedTuple):
    """User and group of the server; ``is_other``: not the user that runs the loader."""

    user_id: int
    group_id: int
    is_other: bool

    def run(self, command: list[str | Path]) -> subprocess.CompletedProcess[str]:
        """Run a program as this account, with a clean environment so that no PG* variable or locale leaks in."""
        return subprocess.run(
            command,
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            cwd="/",
            env={"PATH": _SYSTEM_PATH, "LC_ALL": "C", "TZ": "UTC"},
            user=self.user_id if self.is_other else None,
            group=self.group_id if self.is_other else None,
            extra_groups=[] if self.is_other else None,
        )

    def own(self, path: Path) -> None:
        """Give a file or folder that the loader just made to this account."""
        if self.is_other:
            os.chown(path, self.user_id, self.group_id)

    def closed_folder(self, path: Path) -> Path | None:
        """The first folder on the way to ``path`` that this account may not enter, or None."""
        if not self.is_other:
            return None
        for folder in reversed((path, *path.parents)):
            if folder.is_dir() and not _may_enter(folder.stat(), self.user_id, self.group_id):
                return folder
        return None


def server_account() -> Account:
    """The current user; for root a system account of its own, made if absent.

    Raises ServerError if it cannot be made.
    """
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), is_other=False)
    try:
        entry = pwd.getpwnam(_SYSTEM_ACCOUNT)
    except KeyError:
        _create_system_account()
        entry = pwd.getpwnam(_SYSTEM_ACCOUNT)
    return Account(entry.pw_uid, entry.pw_gid, is_other=True)


def _create_system_account() -> None:
    next_step = (
        f"make a system account named {_SYSTEM_ACCOUNT}, run the loader as an ordinary user, "
        "or set DATABASE_URL to a server of your own"
    )
    useradd = shutil.which("useradd", path=_SYSTEM_PATH)
    if useradd is None:
        raise ServerError("PostgreSQL refuses to run as root, and there is no useradd to make it an account", next_step)
    done = subprocess.run(
        [useradd, "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent",
         "--shell", "/usr/sbin/nologin", _SYSTEM_ACCOUNT],
        check=False, capture_output=True, text=True, errors="replace",
        env={"PATH": _SYSTEM_PATH, "LC_ALL": "C"},
    )  # fmt: skip
    already_there = 9
    if done.returncode not in (0, already_there):
        raise ServerError(
            f"the account {_SYSTEM_ACCOUNT} for the embedded server cannot be made: {done.stderr.strip()}", next_step
        )


def _may_enter(found: os.stat_result, user_id: int, group_id: int) -> bool:
    if found.st_uid == user_id:
        return bool(found.st_mode & stat.S_IXUSR)
    if found.st_gid == group_id:
        return bool(found.st_mode & stat.S_IXGRP)
    return bool(found.st_mode & stat.S_IXOTH)
