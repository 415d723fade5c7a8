"""One module per version of the raw schema, with its SQL beside it; how to add one: ``../README.md``."""
