"""Entry point of the ``simulator`` command."""

import sys


def main() -> None:
    """Run the command; without click, say how to get it."""
    try:
        from .cli import main as run  # noqa: PLC0415 - only here can its absence be explained
    except ModuleNotFoundError as error:
        if error.name != "click":
            raise
        print("simulator: click is missing; install support-warehouse[loader].", file=sys.stderr)
        sys.exit(1)
    run()


if __name__ == "__main__":
    main()
