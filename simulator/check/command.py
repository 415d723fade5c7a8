"""The command ``simulator check``."""

import json
import os
from pathlib import Path

import click

from ..cli_shared import stoppable
from ..errors import DifferencesError, MartsRefusedError
from .comparison import Comparison
from .database import Database, open_database
from .fields import common_fields
from .marts import MARTS, Mart
from .pseudonyms import Pseudonyms
from .report import report, veiled
from .told import Told, truth_folder

_FIGURES = "business_case_figures_monthly.csv"
_EPILOG = """\b
Exit codes:
  0  no difference
  1  unexpected error
  2  wrong usage
  3  the marts differ from the truth; the report says where
  4  refused: no truth, no database, no marts, a mart or a column
     that is not compared
  130, 143  stopped by Ctrl-C, by SIGTERM

\b
Database: DATABASE_URL; else libpq's PG* variables; else the embedded
PostgreSQL of the project, which must run. The role reader suffices.
"""


@click.command("check", epilog=_EPILOG, short_help="Compare the marts with the truth of a world.")
@click.argument("world", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--limit",
    default=5,
    show_default=True,
    type=click.IntRange(min=0),
    help="Examples of each difference, and of what faults hide.",
)
@click.option(
    "--mart",
    "names",
    multiple=True,
    metavar="NAME",
    type=click.Choice([mart.name for mart in MARTS if not mart.untold_because]),
    help="Compare this mart only; repeatable.",
)
def check_command(world: Path, limit: int, names: tuple[str, ...]) -> None:
    """Compare the marts of the database with the truth of a world.

    DIR is a folder that ``simulator generate`` wrote, and whose logs were loaded and built as of the world's end.
    """
    with stoppable("nothing was changed"):
        truth = truth_folder(world)
        with open_database(os.environ) as database:
            comparisons = _comparisons(database, _chosen(database, names), truth, limit)
        for line in report(comparisons):
            click.echo(line)
        if (truth / "happened" / _FIGURES).is_file() and not names:
            click.echo()
            for line in veiled(Told(truth / "happened" / _FIGURES), Told(truth / _FIGURES), limit):
                click.echo(line)
    if any(found.differences for found in comparisons):
        raise DifferencesError("the marts differ from the truth", _advice(world))


def _chosen(database: Database, names: tuple[str, ...]) -> list[Mart]:
    """The marts to compare. Raises MartsRefusedError where one is not built, or is not known here."""
    built = database.marts()
    chosen = [mart for mart in MARTS if mart.name in names or not names]
    if absent := [mart.name for mart in chosen if mart.name not in built]:
        raise MartsRefusedError(
            f"the database {database.name} lacks the mart {', '.join(absent)}", "build it: dbt build"
        )
    unknown = sorted(built - {mart.name for mart in MARTS})
    if unknown and not names:
        raise MartsRefusedError(
            f"the mart {', '.join(unknown)} is compared with nothing",
            "add a line for it to simulator/check/marts.py, or drop the table if it is left over",
        )
    return chosen


def _comparisons(database: Database, marts: list[Mart], truth: Path, limit: int) -> list[Comparison]:
    """Every mart compared with its truth; what a hash stands for holds in all of them."""
    pseudonyms = Pseudonyms()
    comparisons = []
    for mart in marts:
        if mart.untold_because:
            continue
        told = Told(truth / f"{mart.name}.csv")
        found = Comparison(mart.name, limit)
        with database.rows(mart.name) as (columns, rows):
            found.compare(common_fields(mart, columns, told), mart.key, rows, told, pseudonyms)
        comparisons.append(found)
    return comparisons


def _advice(world: Path) -> str:
    """What else than a wrong mart makes such differences, the likeliest first."""
    try:
        as_of = json.loads((world / "simulation.json").read_bytes())["as_of"]
    except (OSError, ValueError, KeyError, TypeError):
        as_of = "the world's end"
    return f"""before you suspect a model, rule out
    - other logs in the database, as of another world: the truth holds for all logs of {world} and
      nothing else, so load them into an empty database
    - another as_of, or other parameters: build with
      WAREHOUSE_PARAMETERS={world / "parameters"} dbt build --vars "{{as_of: '{as_of}'}}"
    - is_final of a world that ends in the future: the truth takes the last load as after the world's end"""
