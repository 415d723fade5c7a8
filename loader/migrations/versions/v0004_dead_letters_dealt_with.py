"""Dead letters that were retried or discarded, and loads of retried lines."""

from loader.migrations import execute_beside

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Bring the version before it to this one."""
    execute_beside(__file__)
