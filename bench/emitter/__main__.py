"""Run the benchmarks of the emitter, all or those that are named."""

import sys

from . import calls, load, web

_PARTS = {"calls": calls.main, "load": load.main, "web": web.main}


def main(names: list[str]) -> int:
    """Run parts; the exit code is 0 whether goals are met or not."""
    for name in names or _PARTS:
        _PARTS[name]()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
