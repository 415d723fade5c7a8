"""What the tests of dead letters share: lines that were rejected once, and retrying in this process."""

from typing import Any

from loader.aliases import Alias
from loader.connection import connect
from loader.dead_letters import Filters
from loader.parsing import Parser
from loader.retry_letters import BATCH_LINES, Retried, retry_letters
from tests.conftest import parsed
from tests.loader.conftest import event_line

#: Rules under which :func:`once_rejected` breaks the contract: its name is that of an event that needs a session_id.
STRICT = {"chat.begun": Alias("session.start", "", "")}
ALIASES_CSV = "alias,event,field,value\nchat.begun,session.start,,\n"


def once_rejected(number: int, **fields: Any) -> bytes:
    """A line that is rejected under STRICT, and loaded without: unknown events are kept."""
    return event_line(number, event="chat.begun", session_id=None, **fields)


def retry(
    database: str, *, aliases: dict[str, Alias] | None = None, batch_lines: int = BATCH_LINES, **filters: Any
) -> Retried:
    """Retry as the owner, with the rules of ``aliases``."""
    with connect(parsed(database)) as link:
        return retry_letters(link, Filters(**filters), Parser(aliases), batch_lines=batch_lines)
