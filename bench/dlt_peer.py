"""dlt loading the same files, run by the interpreter of a throw-away environment: ``dlt_peer.py ADDRESS FOLDER``.

As its own documentation reads files of JSON lines. Prints the seconds of the pipeline alone, without dlt's start.
"""

import sys
from time import perf_counter

import dlt  # type: ignore[import-not-found]
from dlt.sources.filesystem import filesystem, read_jsonl  # type: ignore[import-not-found]


def main(address: str, folder: str) -> None:
    """Load the ``*.jsonl`` of a folder into the table ``events`` of the database at ``address``."""
    files = filesystem(bucket_url=f"file://{folder}", file_glob="*.jsonl")
    pipeline = dlt.pipeline("peer", destination=dlt.destinations.postgres(address), dataset_name="peer")
    began = perf_counter()
    pipeline.run((files | read_jsonl()).with_name("events"), write_disposition="append")
    print(perf_counter() - began)


if __name__ == "__main__":
    main(*sys.argv[1:])
