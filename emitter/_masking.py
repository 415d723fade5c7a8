"""Masks what looks personal in free text: e-mail addresses, phone numbers, card-like numbers."""

import re
from collections.abc import Callable

#: From a text to the text that may be written.
Mask = Callable[[str], str]

# Possessive, and begun only where an address can begin: linear in the text's length, also for 100 KB without an "@".
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]++@[\w-]++(?:\.[\w-]++)+")
# 13 to 19 digits in groups: the lengths of payment cards (ISO/IEC 7812).
_CARD = re.compile(r"(?<!\d)(?:\d[ -]?){12,18}\d(?!\d)")
# A leading plus makes it a phone number, however long.
_INTERNATIONAL = re.compile(r"\+\d(?:[\s().-]{0,2}\d){6,14}(?!\d)")
# 7 to 15 digits with usual separators (ITU-T E.164 allows 15).
_PHONE = re.compile(r"(?<![\w.])\(?\d(?:[\s().-]{0,2}\d){6,14}(?!\w)")
_FAILED = "[masking failed]"


def mask(text: str) -> str:
    """``text`` with e-mail addresses, card-like and phone numbers replaced by ``[email]``, ``[card]``, ``[phone]``."""
    text = _EMAIL.sub("[email]", text)
    text = _INTERNATIONAL.sub("[phone]", text)
    text = _CARD.sub("[card]", text)
    return _PHONE.sub("[phone]", text)


def masked_by(further: Mask | None) -> Mask:
    """:func:`mask`, and then a product's own; where that fails, nothing of the text is written."""
    if further is None:
        return mask

    def both(text: str) -> str:
        try:
            masked = further(mask(text))
        except Exception:
            return _FAILED
        return masked if isinstance(masked, str) else _FAILED

    return both
