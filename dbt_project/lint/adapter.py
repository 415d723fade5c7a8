"""dbt's ``adapter`` for sqlfluff, which has none of its own: the models are checked as Postgres gets them."""

from typing import Any

from jinja2 import pass_context
from jinja2.runtime import Context


@pass_context
def dispatch(context: Context, name: str) -> Any:
    """The macro of this name for Postgres, of the same file as the macro that asks for it."""
    return context.resolve(f"postgres__{name}")
