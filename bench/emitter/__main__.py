"""Run the benchmarks of the emitter, all or those that are named; ``--write`` puts their tables into the guide."""

import sys

from . import calls, load, page, web

_PARTS = {"calls": calls.main, "load": load.main, "web": web.main}


def main(names: list[str]) -> int:
    """Run parts; the exit code is 0 whether goals are met or not."""
    writes = "--write" in names
    for name in [name for name in names if name != "--write"] or _PARTS:
        measured = _PARTS[name]()
        if writes:
            page.write(name, measured)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
