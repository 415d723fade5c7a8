"""Whose a line is: the ids under which a person and their cases stand in lines. No database, no files."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, get_args

Kind = Literal["session", "ticket", "thread", "customer", "contact"]
KINDS: tuple[Kind, ...] = get_args(Kind)
#: What is erased whole once one of its lines names the person.
CASES: tuple[Kind, ...] = ("session", "ticket", "thread")

# The contract's limit for ids: to the warehouse a longer text is no key of a case.
_CASE_ID_LENGTH_MAX = 200
_DEFAULT_TENANT = "default"


def field_of(kind: Kind) -> str:
    """The field of an event that bears the id."""
    return f"{kind}_id"


@dataclass(slots=True)
class Person:
    """Ids of one tenant by kind: of a person, and of the sessions, tickets and threads that are theirs."""

    tenant_id: str
    ids: dict[Kind, set[str]] = field(default_factory=lambda: {kind: set() for kind in KINDS})

    def add(self, kind: Kind, value: str | None) -> None:
        """Add the id of a case, if it is one."""
        if value and len(value) <= _CASE_ID_LENGTH_MAX:
            self.ids[kind].add(value)

    def add_cases(self, fields: Mapping[str, Any]) -> None:
        """Add the cases that an event names."""
        for kind in CASES:
            self.add(kind, text_of(fields.get(field_of(kind))))

    def is_named(self, fields: Mapping[str, Any]) -> bool:
        """Whether an event's fields bear one of the ids."""
        return any(text_of(fields.get(field_of(kind))) in ids for kind, ids in self.ids.items() if ids)

    def all_ids(self) -> set[str]:
        return set().union(*self.ids.values())


class _Fields(list[tuple[str, Any]]):
    """A JSON object, fields that are there twice included."""


class Letters:
    """Which rejected lines are about a person.

    A line that is JSON is theirs if any value in it, at any depth, is one of the ids, unless it names another tenant.
    Of any other line nobody can say what stands where: it is theirs if it holds one of the ids, as UTF-8, as JSON would
    escape it, or as UTF-16, with no letter, digit or underscore before and after it.
    """

    def __init__(self, person: Person) -> None:
        self._person = person
        self._ids = person.all_ids()

    def is_about(self, line: bytes) -> bool:
        try:
            # Of a field that is there twice both values are looked at.
            found = _parsed(line, object_pairs_hook=_Fields)
        except (ValueError, RecursionError):
            return bool(self._ids) and self._pattern.search(line) is not None
        if isinstance(found, _Fields) and dict(found).get("tenant_id", _DEFAULT_TENANT) != self._person.tenant_id:
            return False
        return any(value in self._ids for value in _values(found))

    @cached_property
    def _pattern(self) -> re.Pattern[bytes]:
        narrow = {value.encode() for value in self._ids}
        narrow |= {_escaped(value, plain=plain).encode() for value in self._ids for plain in (False, True)}
        wide = {value.encode(encoding) for value in self._ids for encoding in ("utf-16-le", "utf-16-be")}
        words = rb"(?<![0-9A-Za-z_])(?:%s)(?![0-9A-Za-z_])" % b"|".join(map(re.escape, sorted(narrow)))
        return re.compile(words + b"|" + b"|".join(map(re.escape, sorted(wide))))


def parsed(payload: str) -> Any:
    """A payload with its numbers as their digits."""
    return _parsed(payload)


def text_of(value: Any) -> str | None:
    """A field of a :func:`parsed` payload as PostgreSQL's ``->>`` gives it; None for null, lists and objects."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else None


def escaped_pattern(ids: set[str]) -> str:
    """A regular expression that finds each id in JSON as PostgreSQL writes it."""
    return "|".join(sorted(re.escape(_escaped(value, plain=True)) for value in ids))


def _parsed(line: bytes | str, **options: Any) -> Any:
    return json.loads(line, parse_int=str, parse_float=str, parse_constant=str, **options)


def _escaped(value: str, *, plain: bool) -> str:
    return json.dumps(value, ensure_ascii=not plain)[1:-1]


def _values(found: Any) -> Iterator[str]:
    waiting = [found]
    while waiting:
        value = waiting.pop()
        if isinstance(value, _Fields):
            waiting += (field for _, field in value)
        elif isinstance(value, list):
            waiting += value
        elif (text := text_of(value)) is not None:
            yield text
