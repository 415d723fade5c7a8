"""The closing lines of a benchmark: ``RATIO <name> <value> <goal> pass|fail``."""

from statistics import median


def ratio_line(name: str, ours: list[float], theirs: list[float], goal: float) -> str:
    """The line for the ratio of two medians; it passes where the ratio is at most ``goal``."""
    return _line(name, median(ours) / median(theirs), goal, is_met=median(ours) / median(theirs) <= goal)


def rounds_line(name: str, ours: list[float], theirs: list[float], goal: float) -> str:
    """The same for the median of the ratios of each round: a machine that is slow for some rounds is so for both."""
    ratio = median(our / their for our, their in zip(ours, theirs, strict=True))
    return _line(name, ratio, goal, is_met=ratio <= goal)


def gain_line(name: str, before: list[float], after: list[float], goal: float) -> str:
    """The line for how many times faster the second median is; it passes where that is at least ``goal``."""
    gain = median(before) / median(after)
    return _line(name, gain, goal, is_met=gain >= goal)


def bound_line(name: str, value: float, limit: float) -> str:
    """The line for a figure of our own; it passes where that is at most ``limit``."""
    return _line(name, value, limit, is_met=value <= limit)


def spread(values: list[float]) -> str:
    """Median, smallest and largest of some seconds or microseconds."""
    return f"{median(values):.2f} (from {min(values):.2f} to {max(values):.2f})"


def _line(name: str, value: float, goal: float, *, is_met: bool) -> str:
    return f"RATIO {name} {value:.2f} {goal:.2f} {'pass' if is_met else 'fail'}"
