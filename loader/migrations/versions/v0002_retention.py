"""The day of each load, and what prune writes down."""

from loader.migrations import execute_beside

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Bring the version before it to this one."""
    execute_beside(__file__)
