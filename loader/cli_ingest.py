"""``loader ingest``."""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import click

from .aliases import read_aliases
from .cli_types import LogPath, metrics_option
from .errors import StoppedError
from .ingest import BATCH_LINES, MAX_LINE_BYTES, Options
from .jobs import Setup, ingest_files
from .project import aliases_path
from .reporting import Report, reported_run
from .stopping import stop_signals
from .summary import Summary
from .workplace import ready_target, this_project

EPILOG = """\b
Exit codes:
  0  done
  1  unexpected error, or a worker process that was killed
  2  wrong usage: a missing path, a folder without log files
  3  done, and some lines broke the contract: kept in raw.dead_letters
  4  refused: no database, also after trying again; a file that changed
     under its position or breaks off
  130, 143  stopped by Ctrl-C, by SIGTERM; run it again to go on

\b
Database: DATABASE_URL; else libpq's PG* variables; else an embedded
PostgreSQL of the project, on loopback, started when it is needed.
"""
_RETRY_SECONDS = 60.0


@click.command(epilog=EPILOG)
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=LogPath())
@click.option(
    "--jobs",
    default=1,
    show_default=True,
    type=click.IntRange(min=1),
    help="Load so many files at once, each in a process and on a connection of its own.",
)
@click.option(
    "--retry-for",
    "retry_seconds",
    type=click.FloatRange(min=0),
    metavar="SECONDS",
    help="Go on trying for so long while the database is away.  [default: 60; with --follow for ever]",
)
@click.option(
    "--max-line-bytes",
    default=MAX_LINE_BYTES,
    show_default=True,
    type=click.IntRange(min=1),
    help="Longer lines become dead letters, cut at this length.",
)
@click.option(
    "--batch-lines",
    default=BATCH_LINES,
    show_default=True,
    type=click.IntRange(min=1),
    help="Lines per transaction, about.",
)
@click.option("--follow", is_flag=True, help="Go on loading what is written, until Ctrl-C or SIGTERM.")
@click.option("--poll", is_flag=True, help="With --follow, where the file system does not tell of changes (NFS).")
@click.option("--as-new", is_flag=True, help="Read files that changed under their position from the start.")
@click.option("--verify", is_flag=True, help="Read all files again in full to find those that changed anywhere.")
@click.option("--quiet", is_flag=True, help="No progress bar and no summary; errors are still told.")
@click.option("--json", "as_json", is_flag=True, help="The summary as JSON on stdout.")
@click.option(
    "--log-file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Append what the run does, as JSON lines; not named like a log of events.",
)
@metrics_option
def ingest(
    *,
    paths: tuple[Path, ...],
    jobs: int,
    retry_seconds: float | None,
    follow: bool,
    poll: bool,
    max_line_bytes: int,
    batch_lines: int,
    as_new: bool,
    verify: bool,
    quiet: bool,
    as_json: bool,
    log_file: Path | None,
    metrics_file: Path | None,
) -> None:
    """Load files, and folders of files, named *.jsonl or *.ndjson, alone or as .gz or .zst.

    What was loaded before is skipped, what was appended is loaded; a last line without its newline waits. Several
    loaders may work at once, on one machine or many: they share the files.
    """
    if follow and jobs > 1:
        raise click.UsageError("--follow works alone: load what is there with --jobs first, then follow without")
    if poll and not follow:
        raise click.UsageError("--poll says how to --follow")
    patience = _RETRY_SECONDS if retry_seconds is None and not follow else retry_seconds
    options = Options(max_line_bytes, batch_lines, as_new, verify)
    began = time.monotonic()
    with reported_run(len(paths), log_file=log_file, metrics_file=metrics_file) as report:
        aliases = read_aliases(aliases_path(this_project(os.environ), os.environ))
        with stop_signals():
            setup = Setup(ready_target(os.environ), aliases, options, patience)
        if follow:
            _follow(setup, paths, report, poll=poll)
        else:
            with stop_signals(), _progress_bar(quiet=quiet) as progress:
                ingest_files(setup, paths, jobs=jobs, progress=progress, summary=report.summary)
        report.summary.seconds = time.monotonic() - began
        _say(report.summary, quiet=quiet, as_json=as_json)


def _follow(setup: Setup, paths: tuple[Path, ...], report: Report, *, poll: bool) -> None:
    """Follow until a signal ends it, which here is no fault."""
    from .follow import Follower  # noqa: PLC0415 - what watches costs others a tenth of a second

    follower = Follower(
        setup, paths, poll=poll, tell=lambda words: click.echo(f"loader: {words}", err=True), beat=report.beat
    )
    try:
        with suppress(StoppedError), stop_signals():
            follower.follow()
    finally:
        report.summary = follower.summary()


def _say(summary: Summary, *, quiet: bool, as_json: bool) -> None:
    for error in summary.errors:
        click.echo(f"loader: {error}", err=True)
    if as_json:
        click.echo(json.dumps(summary.as_dict()))
    elif not quiet:
        click.echo(str(summary), err=True)
    outcome = summary.outcome()
    if outcome:
        raise outcome


@contextmanager
def _progress_bar(*, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """A bar over the files' bytes on a terminal; nothing in cron."""
    if quiet or not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    with click.progressbar(length=1, label="loading", file=sys.stderr) as bar:

        def show(done: int, total: int) -> None:
            bar.length = max(total, 1)
            bar.update(done - bar.pos)

        yield show
