"""Compares what a warehouse has built from a world's logs with the truth of that world."""
