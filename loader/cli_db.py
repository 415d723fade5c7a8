"""``loader db``: the embedded server, and ways into whichever database is in use."""

import os
import shlex
import shutil

import click

from .binaries import find_binaries
from .connection import ROLES, Role, address, external_target, libpq_environment
from .errors import RefusedError, ServerError
from .workplace import embedded_server, ready_target, running_target

_role_option = click.option(
    "--role",
    type=click.Choice(ROLES),
    default="admin",
    show_default=True,
    help="Act as this role; admin is the database's owner.",
)


@click.group()
def db() -> None:
    """The embedded PostgreSQL server, and ways into the database in use."""


@db.command()
def up() -> None:
    """Start the embedded server; make it and set it up the first time."""
    if external_target(os.environ):
        click.echo("the environment names a database: no embedded server is needed", err=True)
        return
    ready_target(os.environ)
    click.echo("the embedded server runs", err=True)


@db.command()
def down() -> None:
    """Stop the embedded server; its data stay."""
    stopped = embedded_server(os.environ).down()
    click.echo("the embedded server is stopped" if stopped else "the embedded server did not run", err=True)


@db.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
def destroy(*, yes: bool) -> None:
    """Stop the embedded server and delete its data. The log files can be loaded again."""
    server = embedded_server(os.environ)
    if not yes:
        click.confirm(f"delete the embedded database in {server.state}?", abort=True, err=True)
    click.echo("the embedded server is gone" if server.destroy() else "there was no embedded server", err=True)


@db.command()
@_role_option
def url(role: Role) -> None:
    """Print the database's address, password included."""
    click.echo(address(running_target(os.environ).parameters(role)))


@db.command()
@_role_option
def env(role: Role) -> None:
    """Print libpq's variables for a shell: eval "$(loader db env)"."""
    for name, value in libpq_environment(running_target(os.environ).parameters(role)).items():
        click.echo(f"export {name}={shlex.quote(value)}")


@db.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@_role_option
@click.argument("arguments", metavar="[PSQL-ARGUMENTS]...", nargs=-1, type=click.UNPROCESSED)
def psql(role: Role, arguments: tuple[str, ...]) -> None:
    """Open psql, or run it with the arguments given."""
    parameters = running_target(os.environ).parameters(role)
    program = _psql()
    # In place of this process, so that signals and the terminal are psql's.
    os.execve(program, [program, *arguments], {**os.environ, **libpq_environment(parameters)})  # noqa: S606


def _psql() -> str:
    try:
        return str(find_binaries(os.environ) / "psql")
    except ServerError:
        found = shutil.which("psql")
        if found is None:
            raise RefusedError(
                "there is no psql", "install support-warehouse[warehouse] or a PostgreSQL client"
            ) from None
        return found
