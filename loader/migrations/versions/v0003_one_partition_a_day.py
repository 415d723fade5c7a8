"""Loaders may make the partition of a day at once."""

from loader.migrations import execute_beside

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Bring the version before it to this one."""
    execute_beside(__file__)
