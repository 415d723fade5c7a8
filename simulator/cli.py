"""The ``simulator`` command: parses, prints, exits. Data go to stdout, words to stderr."""

import sys

import click

from loader.errors import LoaderError

from .check.command import check_command
from .cli_follow import follow_command
from .cli_generate import deliver_command, generate_command
from .errors import SimulatorError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Make realistic event logs of support desks with the true answers beside them, for demos and tests."""


cli.add_command(generate_command)
cli.add_command(deliver_command)
cli.add_command(follow_command)
cli.add_command(check_command)


def main() -> None:
    """Run the command and exit with the code of its outcome."""
    try:
        cli(prog_name="simulator", standalone_mode=False)
    except (SimulatorError, LoaderError) as error:
        click.echo(f"simulator: {error}", err=True)
        sys.exit(error.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        sys.exit(130)
