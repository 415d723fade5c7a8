"""What archive and erase write down."""

from loader.migrations import execute_beside

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Bring the version before it to this one."""
    execute_beside(__file__)
