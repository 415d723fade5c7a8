"""Contents that begin with the same line can be found."""

from loader.migrations import execute_beside

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Bring the version before it to this one."""
    execute_beside(__file__)
