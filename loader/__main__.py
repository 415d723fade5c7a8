"""Entry point of the ``loader`` command. Says what to install if only the emitter's part is."""

import sys

_EXTRA = {"click", "psycopg", "watchfiles", "zstandard"}


def main() -> None:
    """Run the command line."""
    try:
        from .cli import main as run  # noqa: PLC0415 - only here can it be told what is missing

        run()
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] not in _EXTRA:
            raise
        print(
            f"loader: the module {error.name} is missing: only the emitter is installed\n"
            "  next: install support-warehouse[loader], or support-warehouse[warehouse] with the embedded server",
            file=sys.stderr,
        )
        sys.exit(4)
    except KeyboardInterrupt:
        # Before or after the command's own handlers: in an import, in the last words.
        sys.exit(130)


if __name__ == "__main__":
    main()
