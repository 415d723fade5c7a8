"""What is said where a tenant captures texts: phrases, and what of them may be written down."""

from typing import NamedTuple


class Words(NamedTuple):
    """A text as it is said, and as it stands in the logs, without what leads to a person."""

    spoken: str
    masked: str


def words(text: str) -> Words:
    """A text in which nothing is personal."""
    return Words(text, text)


_PHRASES = {
    "user": (
        words("Where is my parcel? 我的包裹在哪里"),
        Words("Please write to li.na+shop@example.com, not to my work.", "Please write to [email], not to my work."),
        Words("You may call me: +49 30 1234567", "You may call me: [phone]"),
        words('It says "not found"\nand nothing else'),
    ),
    "ai": (
        words("Let me look that up for you."),
        Words("I have 4111 1111 1111 1111 on file; is that your card?", "I have [card] on file; is that your card?"),
        words("Your parcel is on its way. 您的包裹正在路上"),
    ),
    "agent": (
        words("Hello, I am taking over from here."),
        Words("Our direct line is 030 9876543.", "Our direct line is [phone]."),
    ),
}


def phrase(speaker: str, number: int) -> Words:
    """What a ``user``, the ``ai`` or an ``agent`` says at the turn of this number."""
    phrases = _PHRASES[speaker]
    return phrases[number % len(phrases)]
