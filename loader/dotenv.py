"""The project's ``.env``, which dbt reads by itself: how dbt finds the embedded server."""

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

PREFIX = "EMBEDDED_"


def merged(text: str, values: Mapping[str, str]) -> str:
    """``text`` of a .env file with the lines of ``values`` in place of older ones; all other lines stay."""
    kept = [line for line in text.splitlines() if line.split("=", 1)[0].strip() not in values]
    return "".join(f"{line}\n" for line in [*kept, *(f"{name}={value}" for name, value in values.items())])


def read_dotenv(folder: Path) -> dict[str, str]:
    """The values in ``folder/.env``, without quotes around them; empty if there is none or it cannot be read."""
    try:
        text = (folder / ".env").read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return {}
    pairs = (line.removeprefix("export ").partition("=") for line in text.splitlines() if not line.startswith("#"))
    return {name.strip(): value.strip().strip("'\"") for name, sign, value in pairs if sign}


def write_dotenv(folder: Path, values: Mapping[str, str]) -> None:
    """Put ``values`` into ``folder/.env``, readable for its owner only. Raises OSError."""
    path = (folder / ".env").resolve()
    # Other lines may be in any encoding and stay as they are.
    old = path.read_text(encoding="utf-8", errors="surrogateescape") if path.exists() else ""
    owner = path.stat() if path.exists() else folder.stat()
    new = merged(old, values)
    if new == old and owner.st_mode & 0o777 == 0o600:
        return
    # Made anew with mode 0600 and moved into place: no moment at which others could read it.
    handle, draft = tempfile.mkstemp(prefix=".env.", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="surrogateescape") as stream:
            if os.geteuid() == 0:
                # Root must not take the file away from the one who owns it, or the project.
                os.fchown(handle, owner.st_uid, owner.st_gid)
            stream.write(new)
        Path(draft).replace(path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
