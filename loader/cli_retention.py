"""``loader archive``, ``loader prune`` and ``loader erase``: what is kept, for how long, and of whom nothing."""

import json
import os
import sys
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import click

from .archive import archive as archive_raw
from .connection import connect
from .erase import erase as erase_person
from .erase import erase_latecomers
from .erase_search import Subject
from .person import Kind
from .prune import prune as prune_raw
from .workplace import running_target


class _Days(click.ParamType[timedelta]):
    """A number of whole days, at least one, such as 90d."""

    name = "days"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        number = value.removesuffix("d")
        if number == value or not number.isascii() or not number.isdigit() or not 1 <= int(number) <= 36_500:
            self.fail(f"{value!r} is no number of days such as 90d, from 1d to 36500d", param, ctx)
        return timedelta(days=int(number))


_folder = click.Path(file_okay=False, path_type=Path)


@click.command()
@click.option("--to", "folder", required=True, type=_folder, metavar="FOLDER", help="Where the Parquet files lie.")
@click.option(
    "--older-than", type=_Days(), metavar="DAYS", help="Age of what is written, since its load; else all days."
)
@click.option("--json", "as_json", is_flag=True, help="What was written as JSON on stdout.")
def archive(*, folder: Path, older_than: timedelta | None, as_json: bool) -> None:
    """Write whole days of raw.events to Parquet files, a folder each.

    A day that is in the archive already is left alone; the day of today is not over and waits. Dead letters are not
    archived. Files and folders are closed to other users.
    """
    with connect(running_target(os.environ).parameters("admin")) as connection:
        archived = archive_raw(connection, folder, _days_ago(older_than or timedelta(0)))
    if as_json:
        click.echo(json.dumps(asdict(archived), default=str))
    click.echo(f"archived {archived}", err=True)


@click.command()
@click.option(
    "--older-than", required=True, type=_Days(), metavar="DAYS", help="Age of what goes, since its load: 90d."
)
@click.option(
    "--archive-to",
    "folder",
    type=_folder,
    metavar="FOLDER",
    help="Archive first, and drop nothing that is not archived.",
)
@click.option("--dry-run", is_flag=True, help="Say what would go, and drop nothing.")
@click.option("--json", "as_json", is_flag=True, help="What went as JSON on stdout.")
def prune(*, older_than: timedelta, folder: Path | None, dry_run: bool, as_json: bool) -> None:
    """Drop old days of raw, and old dead letters.

    Refused while the warehouse has not built them. The next dbt build drops the details of the cases of which no line
    is left, and keeps their rows in the marts.
    """
    cutoff = _days_ago(older_than)
    with connect(running_target(os.environ).parameters("admin")) as connection:
        if folder and not dry_run:
            click.echo(f"archived {archive_raw(connection, folder, cutoff)}", err=True)
        pruned = prune_raw(connection, cutoff, archived_in=None if dry_run else folder, dry_run=dry_run)
    if as_json:
        click.echo(json.dumps(asdict(pruned) if pruned else None, default=str))
    if pruned is None:
        click.echo(f"there is nothing from before {cutoff}", err=True)
    elif dry_run:
        click.echo(f"would prune {pruned}", err=True)
    else:
        click.echo(f"pruned {pruned}\n  next: dbt build, which prunes the warehouse", err=True)


@click.command()
@click.option("--session", metavar="ID", help="Whose session this is; - reads an id from stdin.")
@click.option("--customer", metavar="ID", help="Who is this customer.")
@click.option("--contact", metavar="ID", help="Who is this contact of the customer hub.")
@click.option("--latecomers", is_flag=True, help="Lines of erased people that have come since.")
@click.option("--tenant", metavar="ID", help="Of which tenant; needed where several know the id, or none.")
@click.option(
    "--archive",
    "folders",
    multiple=True,
    type=_folder,
    metavar="FOLDER",
    help="An archive to erase in; may be repeated.",
)
@click.option("--no-other-archive", is_flag=True, help="Whatever other archive was written is gone.")
@click.option("--dry-run", is_flag=True, help="Say what would go, and erase nothing.")
@click.option("--json", "as_json", is_flag=True, help="What went as JSON on stdout.")
def erase(
    *,
    session: str | None,
    customer: str | None,
    contact: str | None,
    latecomers: bool,
    tenant: str | None,
    folders: tuple[Path, ...],
    no_other_archive: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Erase one person: all lines that name them, and their sessions, tickets and threads, wherever they are kept.

    The next dbt build erases what was made of them, and keeps out what comes of them later. Refused while a build is
    at work. There is no way back.
    """
    given: dict[Kind, str | None] = {"session": session, "customer": customer, "contact": contact}
    subjects = [Subject(kind, _id(value), tenant) for kind, value in given.items() if value is not None]
    if len(subjects) + latecomers != 1 or (latecomers and tenant):
        raise click.UsageError("name one of --session, --customer and --contact; or --latecomers, of all tenants")
    with connect(running_target(os.environ).parameters("admin")) as connection:
        how = {"are_all_archives": no_other_archive, "dry_run": dry_run}
        if subjects:
            erased = erase_person(connection, subjects[0], folders, **how)
        else:
            erased = erase_latecomers(connection, folders, **how)
    if as_json:
        click.echo(json.dumps(asdict(erased)))
    click.echo(f"{'would erase' if dry_run else 'erased'} {erased}", err=True)
    if erased.log_files:
        click.echo("the log files themselves are yours to delete; the lines came from:", err=True)
        for path in erased.log_files:
            click.echo(f"  {path}", err=True)
    if not dry_run:
        click.echo("  next: dbt build, which erases what was made of them", err=True)


def _id(value: str) -> str:
    found = sys.stdin.readline().rstrip("\n") if value == "-" else value
    if not found or not found.isprintable():
        raise click.UsageError("the id is empty, or holds what is no character")
    return found


def _days_ago(age: timedelta) -> date:
    """A day in UTC."""
    return datetime.now(UTC).date() - age
