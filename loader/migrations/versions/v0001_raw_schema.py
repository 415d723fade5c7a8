"""The raw schema as it first was."""

from loader.migrations import execute_beside

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Bring the version before it to this one."""
    execute_beside(__file__)
