"""``loader import-langgraph``."""

import json
from datetime import UTC, datetime
from pathlib import Path

import click

from .langgraph_checkpoint import Reading

_EPILOG = """\b
Exit codes:
  0  done, also where nothing was new
  2  wrong usage
  4  refused: the library is not installed; the product's database cannot
     be read; the folder cannot be written, or another import is at work

\b
Set the address in the environment: command lines are seen by all users.
  LANGGRAPH_DATABASE_URL=postgresql://reader:…@host/product
"""


@click.command("import-langgraph", epilog=_EPILOG)
@click.option(
    "--dsn",
    envvar="LANGGRAPH_DATABASE_URL",
    required=True,
    metavar="ADDRESS",
    help="The product's database; by default LANGGRAPH_DATABASE_URL. The right to select is enough.",
)
@click.option(
    "--out",
    default=Path("logs"),
    show_default=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for the lines, to be loaded by: loader ingest",
)
@click.option("--channel", required=True, help="The channel by which its customers come, e.g. web.")
@click.option("--tenant", default="default", show_default=True, help="The tenant whose conversations they are.")
@click.option("--product", default="ai_chatbot", show_default=True, help="The product that they are logged as.")
@click.option("--agent", "agents", multiple=True, metavar="NODE", help="A node that is an AI sub-agent; repeatable.")
@click.option("--messages", default="messages", show_default=True, help="The part of the state that is the messages.")
@click.option("--customer-key", metavar="KEY", help="The entry of the run's configuration that is the customer's id.")
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S%z"]),
    help="Leave out threads without a step from then on (UTC).",
)
@click.option("--capture-text", is_flag=True, help="Keep what was said, masked.")
@click.option("--json", "as_json", is_flag=True, help="The summary as JSON on stdout.")
def import_langgraph(
    *,
    dsn: str,
    out: Path,
    channel: str,
    tenant: str,
    product: str,
    agents: tuple[str, ...],
    messages: str,
    customer_key: str | None,
    since: datetime | None,
    capture_text: bool,
    as_json: bool,
) -> None:
    """Make event lines of the conversations that a LangGraph product keeps in PostgreSQL.

    Reads the checkpoints of PostgresSaver; the product stays as it is. What was imported before is skipped.
    """
    # Others need not wait for LangChain.
    from .langgraph_import import import_threads  # noqa: PLC0415
    from .langgraph_threads import open_threads  # noqa: PLC0415

    reading = Reading(channel, messages, frozenset(agents), customer_key)
    if since is not None and since.tzinfo is None:
        since = since.replace(tzinfo=UTC)
    with open_threads(dsn) as threads:
        done = import_threads(
            threads, out, reading, product=product, tenant_id=tenant, since=since, capture_text=capture_text
        )
    others = sorted(done.nodes - reading.agents)
    if as_json:
        summary = {"threads": done.threads, "threads_read": done.threads_read, "events": done.events}
        click.echo(json.dumps(summary | {"file": str(done.path) if done.path else None, "other_nodes": others}))
        return
    place = f" in {done.path}" if done.path else ""
    click.echo(f"{done.threads:,} threads, {done.threads_read:,} with news, {done.events:,} events{place}", err=True)
    if others:
        click.echo(f"nodes that are no sub-agents: {', '.join(others)}; name those that are with --agent", err=True)
