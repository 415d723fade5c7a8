"""What the command line's arguments may be."""

from pathlib import Path

import click


class LogPath(click.ParamType[Path]):
    """A path as given. An empty one is an unset variable, and does not mean the working folder."""

    name = "path"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        if not value:
            self.fail("a path is empty; name a log file or a folder of them (the working folder is .)", param, ctx)
        return Path(value)


metrics_option = click.option(
    "--metrics-file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE.prom",
    help="Write metrics for node_exporter's textfile collector.",
)
