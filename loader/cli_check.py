"""``loader check``."""

import json
import os
from pathlib import Path

import click

from .aliases import read_aliases
from .check import Checker
from .cli_types import LogPath
from .discovery import find_files
from .errors import InvalidLinesError
from .ingest import MAX_LINE_BYTES
from .project import aliases_path
from .workplace import this_project


@click.command()
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=LogPath())
@click.option(
    "--max-line-bytes",
    default=MAX_LINE_BYTES,
    show_default=True,
    type=click.IntRange(min=1),
    help="Longer lines are rejected.",
)
@click.option("--json", "as_json", is_flag=True, help="Each rejection as one line of JSON.")
def check(*, paths: tuple[Path, ...], max_line_bytes: int, as_json: bool) -> None:
    """Say which lines of files `loader ingest` would reject, and why. Needs no database and loads nothing.

    Rejections go to stdout as FILE:LINE: REASON: DETAIL, counts to stderr. Exit code 3: there are some.
    """
    files, errors = find_files(paths)
    aliases = read_aliases(aliases_path(this_project(os.environ), os.environ))
    checker = Checker(aliases, max_line_bytes=max_line_bytes)
    checker.errors += errors
    for path, rejection in checker.rejections(files):
        place = {"path": str(path), "line": rejection.number, "reason": rejection.reason, "detail": rejection.detail}
        words = json.dumps(place) if as_json else f"{path}:{rejection.number}: {rejection.reason}: {rejection.detail}"
        click.echo(words)
    for path in checker.waiting:
        click.echo(f"{path}: the last line has no newline yet, and would wait", err=True)
    click.echo(f"{checker.lines_count:,} lines in {len(files):,} files, {checker.rejected_count:,} rejected", err=True)
    for error in checker.errors[:-1]:
        click.echo(f"loader: {error}", err=True)
    if checker.errors:
        raise checker.errors[-1]
    if checker.rejected_count:
        raise InvalidLinesError(
            f"{checker.rejected_count:,} of {checker.lines_count:,} lines break the contract",
            "see docs/events.md and docs/schemas for what each event must have",
        )
