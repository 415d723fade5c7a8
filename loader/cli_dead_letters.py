"""``loader dead-letters``: what broke the contract, looked at, taken out, loaded again or given up."""

import json
import os
import sys
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import Any, BinaryIO

import click

from .aliases import read_aliases
from .connection import Role, connect
from .dead_letters import (
    REASONS,
    STATES,
    Count,
    DeadLetter,
    Filters,
    count_letters,
    discard_letters,
    get_letter,
    list_letters,
    read_letters,
    read_line,
    require_letters,
)
from .errors import DeadLettersError, RefusedError, UsageError
from .parsing import Parser
from .project import aliases_path
from .retry_letters import Retried, retry_letters
from .schema import require_schema
from .workplace import running_target, this_project

_MAX_ID = 2**63 - 1
_ID = click.IntRange(min=1, max=_MAX_ID)


class _Instant(click.ParamType[datetime]):
    """An ISO 8601 date or instant; without an offset it is UTC."""

    name = "instant"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        try:
            instant = datetime.fromisoformat(value)
            return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
        except ValueError:
            self.fail(f"{value!r} is no instant such as 2026-05-01 or 2026-05-01T10:00:00+08:00", param, ctx)


def _filter_options(command: Callable[..., None]) -> Callable[..., None]:
    """The options that choose dead letters, handed to ``command`` as one ``filters`` without ids and state."""

    @click.option(
        "--reason",
        "reasons",
        multiple=True,
        type=click.Choice(REASONS),
        metavar="REASON",
        help=f"Rejected for this; several are allowed. One of: {', '.join(REASONS)}.",
    )
    @click.option("--file", default="", help="Path of the log file, or a part of it.")
    @click.option("--since", type=_Instant(), help="Rejected at this instant or later; UTC unless it has an offset.")
    @click.option("--until", type=_Instant(), help="Rejected before this instant.")
    @click.option("--load", type=_ID, help="Rejected in this load.")
    @wraps(command)
    def wrapped(
        *,
        reasons: tuple[str, ...],
        file: str,
        since: datetime | None,
        until: datetime | None,
        load: int | None,
        **others: Any,
    ) -> None:
        command(filters=Filters((), reasons, file, since, until, load), **others)

    return wrapped


def _choosing(command: Callable[..., None]) -> Callable[..., None]:
    """Ids, filters or ``--all``: what changes dead letters never means all of them by default."""

    @click.argument("ids", metavar="[ID]...", nargs=-1, type=_ID)
    @click.option("--all", "all_of_them", is_flag=True, help="All that are open.")
    @_filter_options
    @wraps(command)
    def wrapped(*, ids: tuple[int, ...], all_of_them: bool, filters: Filters, **others: Any) -> None:
        chosen = Filters(ids, filters.reasons, filters.file, filters.since, filters.until, filters.load)
        if all_of_them == (chosen != Filters()):
            raise UsageError(
                "--all leaves nothing to choose" if all_of_them else "no dead letters are chosen",
                "give either ids or filters, or --all",
            )
        command(filters=chosen, **others)

    return wrapped


@click.group("dead-letters")
def dead_letters() -> None:
    """Lines that broke the contract: look at them, load them again, or give them up.

    Lines may hold personal data: none is shown or written unless --reveal asks for it.
    """


@dead_letters.command("list")
@_filter_options
@click.option("--state", type=click.Choice((*STATES, "all")), default="new", show_default=True)
@click.option("--limit", type=click.IntRange(min=1), default=100, show_default=True, help="How many, the oldest first.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def list_(*, filters: Filters, state: str, limit: int, as_json: bool) -> None:
    """Tell which there are: id, state, reason, file and line number, what was wrong. Never the line."""
    chosen = _with_state(filters, None if state == "all" else state)
    with _reading() as connection:
        counts = count_letters(connection, chosen)
        letters = list_letters(connection, chosen, limit)
    if as_json:
        found = {
            "counts": [asdict(count) for count in counts],
            "dead_letters": [_as_dict(letter) for letter in letters],
        }
        click.echo(json.dumps(found, default=_as_text))
        return
    for letter in letters:
        place = f"{printable(letter.path)}:{letter.line_number}"
        click.echo(
            "\t".join((str(letter.dead_letter_id), letter.state, letter.reason, place, printable(letter.detail)))
        )
    click.echo(_in_words(counts, len(letters)), err=True)


@dead_letters.command()
@click.argument("dead_letter_id", metavar="ID", type=_ID)
@click.option("--reveal", is_flag=True, help="Show the line too, which may hold personal data.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, a revealed line as base64.")
def show(*, dead_letter_id: int, reveal: bool, as_json: bool) -> None:
    r"""Tell all about one: where it came from, what was wrong with it, what became of it.

    A revealed line is shown with everything escaped that is no printable character: \x00, \u202e, \\.
    """
    with _reading() as connection:
        letter = get_letter(connection, dead_letter_id)
        line = read_line(connection, dead_letter_id) if reveal else None
    values = _as_dict(letter)
    if as_json:
        revealed = {"line_base64": None if line is None else b64encode(line).decode()} if reveal else {}
        click.echo(json.dumps(values | revealed, default=_as_text))
        return
    for name, value in values.items():
        if value is not None:
            click.echo(f"{name:<15} {printable(_as_text(value))}")
    if line is not None:
        click.echo(f"{'line':<15} {printable(line)}")
    elif reveal:
        click.echo("the line is not kept any more", err=True)


@dead_letters.command()
@_filter_options
@click.option("--reveal", is_flag=True, help="Needed: say that you want the lines, which may hold personal data.")
@click.option(
    "--output", type=click.Path(path_type=Path, dir_okay=False), help="A new file that only you may read; else stdout."
)
@click.option("--raw", is_flag=True, help="The lines alone, each with a newline; those that are cut are left out.")
def export(*, filters: Filters, reveal: bool, output: Path | None, raw: bool) -> None:
    """Write out the open ones, a JSON object per line with the bytes in line_base64.

    The bytes are those of the log file, invalid UTF-8 and NUL included. line_bytes greater than kept_bytes: only the
    beginning was kept.
    """
    if not reveal:
        raise UsageError("the lines may hold personal data", "give --reveal if you want them")
    written = left_out = 0
    with _reading() as connection, _private_file(output, is_raw=raw) as out:
        for letter, line in read_letters(connection, filters):
            if raw and letter.is_cut:
                left_out += 1
                continue
            written += 1
            out.write(line + b"\n" if raw else _json_line(letter, line))
    click.echo(f"{written} dead letters written", err=True)
    if left_out:
        click.echo(f"{left_out} left out: only the beginnings of their lines are kept", err=True)


@dead_letters.command()
@_choosing
@click.option("--json", "as_json", is_flag=True, help="What became of them as JSON on stdout.")
def retry(*, filters: Filters, as_json: bool) -> None:
    """Read lines again with today's rules and load those that keep them now, each exactly once.

    A line becomes an event of the file and line number that it came from. One that is still rejected stays, with the
    reason of today (exit code 3). Of one that was cut only the beginning is kept: it is refused (exit code 4).
    """
    parser = Parser(read_aliases(aliases_path(this_project(os.environ), os.environ)))
    with connect(running_target(os.environ).parameters("admin")) as connection:
        retried = retry_letters(connection, filters, parser)
    if as_json:
        click.echo(json.dumps(asdict(retried)))
    click.echo(_told(retried), err=True)
    if retried.cut:
        raise RefusedError(
            f"{retried.cut} lines were cut when they were read: their beginnings cannot be loaded for them",
            "copy the whole lines from their files into a new file, load that with a higher --max-line-bytes, "
            "and discard these: loader dead-letters list --reason line_too_long",
        )
    if retried.rejected:
        raise DeadLettersError(
            f"{retried.rejected} lines break the event contract still", "see why: loader dead-letters list"
        )


@dead_letters.command()
@_choosing
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="How many as JSON on stdout.")
def discard(*, filters: Filters, yes: bool, as_json: bool) -> None:
    """Give lines up: their bytes are deleted, their place and reason stay and are counted."""
    with connect(running_target(os.environ).parameters("admin")) as connection:
        require_schema(connection)
        require_letters(connection, filters.ids)
        if not yes:
            lines = sum(count.dead_letters for count in count_letters(connection, _with_state(filters, "new")))
            click.confirm(f"delete the bytes of {lines} dead letters for good?", abort=True, err=True)
        discarded = discard_letters(connection, filters)
    if as_json:
        click.echo(json.dumps({"discarded": discarded}))
    click.echo(f"{discarded} dead letters discarded", err=True)


def printable(text: str | bytes) -> str:
    r"""Text for a terminal: what is not printable, and the backslash, as an escape that tells what it was.

    Bytes are taken for UTF-8; what is none becomes ``\xff``.
    """
    if isinstance(text, bytes):
        # Backslashes first, so that those which stand for bytes are told apart from the line's own.
        text = text.replace(b"\\", b"\\\\").decode(errors="backslashreplace")
    else:
        text = text.replace("\\", "\\\\")
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


@contextmanager
def _reading(role: Role = "transformer") -> Iterator[Any]:
    """A session that may read raw and write nothing, in one snapshot."""
    with connect(running_target(os.environ).parameters(role)) as connection:
        require_schema(connection)
        with connection.transaction():
            connection.execute("set transaction isolation level repeatable read, read only")
            yield connection


@contextmanager
def _private_file(path: Path | None, *, is_raw: bool) -> Iterator[BinaryIO]:
    """Stdout, or a new file with mode 0600 that is gone again if it could not be written in full."""
    if path is None:
        if is_raw and sys.stdout.isatty():
            raise UsageError("raw lines could steer this terminal", "give --output FILE, or leave --raw out")
        yield sys.stdout.buffer
        return
    try:
        stream = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
    except FileExistsError:
        raise RefusedError(f"{path} exists already", "give --output a new name") from None
    except OSError as error:
        raise RefusedError(f"{path} cannot be written: {error.strerror}", "give --output another place") from None
    try:
        with stream:
            yield stream
    except BaseException:
        path.unlink()
        raise


def _with_state(filters: Filters, state: str | None) -> Filters:
    return Filters(filters.ids, filters.reasons, filters.file, filters.since, filters.until, filters.load, state)


def _as_dict(letter: DeadLetter) -> dict[str, Any]:
    return asdict(letter) | {"is_cut": letter.is_cut}


def _json_line(letter: DeadLetter, line: bytes) -> bytes:
    values = _as_dict(letter) | {"line_base64": b64encode(line).decode()}
    return json.dumps(values, default=_as_text).encode() + b"\n"


def _as_text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _in_words(counts: list[Count], shown: int) -> str:
    total = sum(count.dead_letters for count in counts)
    parts = ", ".join(f"{count.dead_letters} {count.state} {count.reason}" for count in counts)
    rest = f"; the first {shown} are shown (--limit)" if shown < total else ""
    return f"{total} dead letters" + (f": {parts}" if parts else "") + rest


def _told(retried: Retried) -> str:
    parts = [f"{retried.loaded} lines loaded", f"{retried.rejected} still rejected"]
    if retried.cut:
        parts.append(f"{retried.cut} cut")
    if retried.settled:
        parts.append(f"{retried.settled} dealt with before")
    return ", ".join(parts)
