"""Makes realistic event logs of a support desk, through the emitter as products write them."""

from .folder import FolderRefusedError
from .generate import Run, generate
from .journal import LostLinesError
from .settings import Settings

__all__ = ["FolderRefusedError", "LostLinesError", "Run", "Settings", "generate"]
