"""``loader status`` and ``loader doctor``: how things stand, for people and for machines."""

import json
import os
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import click

from .cli_types import LogPath, metrics_option
from .connection import connect
from .doctor import Finding, failed, look_at_dbt, look_at_disk, look_at_logs, look_at_parameters
from .doctor_database import look_at_database, server_of
from .errors import LoaderError, RefusedError, ThresholdError
from .status import read_status, words
from .thresholds import Thresholds
from .workplace import running_target, this_project


@click.command()
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=LogPath())
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@metrics_option
@click.option("--max-loss", type=click.FloatRange(0, 1), metavar="SHARE", help="Lost lines tolerated, e.g. 0.001.")
@click.option("--max-lag", type=click.FloatRange(0), metavar="SECONDS", help="Age of the newest event tolerated.")
@click.option("--max-dead-letters", type=click.IntRange(0), metavar="LINES", help="New dead letters tolerated.")
def status(
    *,
    paths: tuple[Path, ...],
    as_json: bool,
    metrics_file: Path | None,
    max_loss: float | None,
    max_lag: float | None,
    max_dead_letters: int | None,
) -> None:
    """What is loaded: files, lines, last load, newest event, loss, dead letters by reason and state.

    With PATHs also how many files and bytes under them wait for the next ingest. For monitors: exit code 3 if something
    is more than tolerated.
    """
    if metrics_file:
        from .metrics import require_place, write_status  # noqa: PLC0415 - only those who ask for metrics wait for it

        require_place(metrics_file)
    with connect(running_target(os.environ).parameters("transformer")) as connection:
        found = read_status(connection, paths)
    if metrics_file:
        write_status(metrics_file, found)
    passed = Thresholds(max_loss, max_lag, max_dead_letters).passed(found)
    if as_json:
        click.echo(json.dumps(asdict(found) | {"passed": passed}, default=str))
    else:
        click.echo("\n".join(words(found)))
    if passed:
        raise ThresholdError("; ".join(passed), "docs/operations.md, Watching, says where to look")


@click.command()
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=LogPath())
@click.option("--json", "as_json", is_flag=True, help="As JSON, when all is looked at.")
def doctor(*, paths: tuple[Path, ...], as_json: bool) -> None:
    """Look for what is wrong: connection, TLS, server, clock, schema, rights, disk, partitions, dbt, parameters.

    With PATHs also whether the log files under them can be read. One line per question; changes nothing; exit code 4 if
    one of them says fail.
    """
    findings = []
    for finding in _findings(paths):
        findings.append(finding)
        if not as_json:
            click.echo(str(finding))
    failures = sum(finding.level == "fail" for finding in findings)
    if as_json:
        click.echo(json.dumps({"is_well": not failures, "findings": [asdict(finding) for finding in findings]}))
    if failures:
        raise RefusedError(f"{failures} of {len(findings)} questions found something wrong; each is named above")


def _findings(paths: tuple[Path, ...]) -> Iterator[Finding]:
    project = this_project(os.environ)
    yield look_at_logs(paths)
    yield look_at_parameters(project, os.environ)
    try:
        target = running_target(os.environ)
        yield look_at_disk(target)
        with connect(target.parameters("admin")) as connection:
            yield from look_at_database(target, connection)
            server = server_of(connection)
    except LoaderError as error:
        yield failed("connection", error)
        return
    yield look_at_dbt(project, os.environ, server)
