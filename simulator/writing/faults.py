"""What can go wrong on the way into the logs, by the names under which a run asks for it."""

#: Name of each fault and what it does.
FAULTS = {
    "duplicates": "lines come twice: again in their file, or in a file of lines that were sent again",
    "copies": "files come twice: under another name, packed, or once more when they were loaded already",
    "shuffled": "lines come after lines that were written later, a little or much later",
    "late": "whole files come only at the end",
    "loss": "lines never come: one here and there, many in a row, the last ones of a file",
    "skew": "a product's clock is wrong for as long as it runs",
    "half_written": "a product is killed in the middle of a line, which is never completed",
    "rename": "a file is renamed while the product runs on with a new one, and packed later",
    "copytruncate": "a file is copied and emptied while the product runs on with it",
    "garbage": "lines that break the contract, in good files and in one of their own",
    "aliases": "older deployments write the names of older emitters",
    "unknown": "releases ahead of the contract write events and fields that it does not know",
    "missing_logouts": "agents close the lid without logging out, or a session without releasing it",
}
