"""The closing lines of a benchmark: ``RATIO <name> <value> <goal> pass|fail``."""

from statistics import median


def ratio_line(name: str, ours: list[float], theirs: list[float], goal: float) -> str:
    """The line for the ratio of two medians; it passes where the ratio is at most ``goal``."""
    value = median(ours) / median(theirs)
    return f"RATIO {name} {value:.2f} {goal:.2f} {'pass' if value <= goal else 'fail'}"


def spread(values: list[float]) -> str:
    """Median, smallest and largest of some seconds or microseconds."""
    return f"{median(values):.2f} (from {min(values):.2f} to {max(values):.2f})"
