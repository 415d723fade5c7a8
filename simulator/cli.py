"""The ``simulator`` command."""

import click

from .check.command import check_command
from .cli_follow import follow_command
from .cli_generate import deliver_command, generate_command
from .cli_shared import leave, on_stop


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Make realistic event logs of support desks with the true answers beside them, for demos and tests."""
    on_stop(leave)


cli.add_command(generate_command)
cli.add_command(deliver_command)
cli.add_command(follow_command)
cli.add_command(check_command)
