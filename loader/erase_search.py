"""Finding the sessions, tickets and threads that are a person's, wherever lines or reports of them are."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import errors, sql

from .archive_files import ArchiveFolder
from .errors import EraseError
from .person import CASES, Kind, Person, escaped_pattern, field_of, parsed, text_of

if TYPE_CHECKING:
    import pyarrow as pa

#: Where payloads are: raw, and the built lines, which hold those of days that raw has pruned.
LINES = (("raw", "events"), ("staging", "base_event_lines"))
_FACTS = ("fct_sessions", "fct_tickets")

Sighting = tuple[str, dict[str, str | None]]


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom to erase: by the id of one of their sessions, as a customer or as a contact. tenant_id: None, any."""

    kind: Kind
    value: str
    tenant_id: str | None = None


class Search:
    """Looks through raw, the warehouse and archives, on a connection as the owner of the database."""

    def __init__(self, connection: psycopg.Connection[Any], archives: Iterable[ArchiveFolder]) -> None:
        self._connection = connection
        self._archives = list(archives)
        self.lines = [place for place in LINES if self._is_there(*place)]
        self._facts = all(self._is_there("marts", name) for name in _FACTS)

    def person(self, subject: Subject) -> Person:
        """The subject's ids. Raises EraseError if no tenant, or more than the one to be erased in, knows the id."""
        try:
            sightings = list(self._sightings(subject))
        except errors.UndefinedColumn:
            raise EraseError("the warehouse was built by an older version", "run: dbt build") from None
        tenants = {subject.tenant_id} if subject.tenant_id else {tenant for tenant, _ in sightings}
        if len(tenants) > 1:
            raise EraseError(
                f"{len(tenants)} tenants have a {subject.kind} with this id, who may be different people",
                "name one of them: --tenant",
            )
        if not tenants:
            raise EraseError(
                f"no event names a {subject.kind} with this id",
                "name its tenant with --tenant: then dead letters are searched too, and what comes later is kept out",
            )
        person = Person(tenants.pop())
        person.ids[subject.kind].add(subject.value)
        for tenant, fields in sightings:
            if tenant == person.tenant_id:
                person.add_cases(fields)
        self.add_tickets(person)
        return person

    def add_tickets(self, person: Person) -> None:
        """Add the tickets that came of the person's sessions."""
        sessions = sorted(person.ids["session"])
        if not sessions:
            return
        for place in self.lines:
            rows = self._connection.execute(
                sql.SQL(
                    "select distinct payload ->> 'ticket_id' from {} where tenant_id = %s"
                    " and payload ->> 'session_id' = any(%s)"
                ).format(sql.Identifier(*place)),
                [person.tenant_id, sessions],
            )
            for (ticket,) in rows:
                person.add("ticket", ticket)
        if self._facts:
            rows = self._connection.execute(
                "select ticket_id from marts.fct_tickets where tenant_id = %s and session_id = any(%s)",
                [person.tenant_id, sessions],
            )
            for (ticket,) in rows:
                person.add("ticket", ticket)
        of_sessions = Person(person.tenant_id)
        of_sessions.ids["session"] = person.ids["session"]
        for folder in self._archives:
            for day in folder.days():
                for _, fields in named_in(folder, day, of_sessions):
                    person.add("ticket", text_of(fields.get("ticket_id")))

    def _sightings(self, subject: Subject) -> Iterator[Sighting]:
        """Tenants and cases of the lines, and of the reports, that name the subject."""
        fields = [field_of(kind) for kind in CASES]
        for place in self.lines:
            query = sql.SQL("select distinct tenant_id, {} from {} where payload ->> {} = %s").format(
                sql.SQL(", ").join(sql.SQL("payload ->> {}").format(sql.Literal(name)) for name in fields),
                sql.Identifier(*place),
                sql.Literal(field_of(subject.kind)),
            )
            for tenant, *values in self._connection.execute(query, [subject.value]):
                yield tenant, dict(zip(fields, values, strict=True))
        if self._facts:
            yield from self._reported(subject)
        for folder in self._archives:
            for day in folder.days():
                yield from _archived(folder, day, subject)

    def _reported(self, subject: Subject) -> Iterator[Sighting]:
        """Reports stay when the lines of a case are pruned. They know customers by the hash that staging makes."""
        if subject.kind == "session":
            query = (
                "select tenant_id, session_id, null as ticket_id from marts.fct_sessions where session_id = %(id)s"
                " union select tenant_id, session_id, ticket_id from marts.fct_tickets where session_id = %(id)s"
            )
        elif subject.kind == "customer":
            query = (
                "with person as (select encode(sha256(convert_to(hash_key || %(id)s, 'UTF8')), 'hex') as customer_hash"
                " from raw.hash_key)"
                " select tenant_id, session_id, null as ticket_id from marts.fct_sessions"
                " where customer_hash = (select customer_hash from person)"
                " union select tenant_id, null, ticket_id from marts.fct_tickets"
                " where customer_hash = (select customer_hash from person)"
            )
        elif subject.kind == "contact" and self._is_there("marts", "dim_contacts"):
            yield from self._reported_contact(subject)
            return
        else:
            return
        for tenant, session, ticket in self._connection.execute(query, {"id": subject.value}):
            yield tenant, {"session_id": session, "ticket_id": ticket}

    def _reported_contact(self, subject: Subject) -> Iterator[Sighting]:
        rows = self._connection.execute(
            "with person as (select encode(sha256(convert_to(hash_key || %(id)s, 'UTF8')), 'hex') as contact_hash"
            " from raw.hash_key)"
            " select tenant_id, null as thread_id from marts.dim_contacts"
            " where contact_hash = (select contact_hash from person)"
            " union select tenant_id, thread_id from marts.fct_threads"
            " where contact_hash = (select contact_hash from person)",
            {"id": subject.value},
        )
        for tenant, thread in rows:
            yield tenant, {"thread_id": thread}

    def _is_there(self, schema: str, name: str) -> bool:
        row = self._connection.execute("select to_regclass(%s) is not null", [f"{schema}.{name}"]).fetchone()
        return row is not None and bool(row[0])


def named_in(folder: ArchiveFolder, day: date, person: Person) -> Iterator[tuple[int, dict[str, Any]]]:
    """Number, from 0, and fields of the archived lines of a day that name the person."""
    number = 0
    for batch in folder.read(day, ["tenant_id", "payload"]):
        for place in _candidates(batch, person.all_ids(), person.tenant_id):
            fields = parsed(batch["payload"][place].as_py())
            if person.is_named(fields):
                yield number + place, fields
        number += batch.num_rows


def _archived(folder: ArchiveFolder, day: date, subject: Subject) -> Iterator[Sighting]:
    name = field_of(subject.kind)
    for batch in folder.read(day, ["tenant_id", "payload"]):
        for place in _candidates(batch, {subject.value}, subject.tenant_id):
            fields = parsed(batch["payload"][place].as_py())
            if text_of(fields.get(name)) == subject.value:
                yield batch["tenant_id"][place].as_py(), fields


def _candidates(batch: "pa.RecordBatch", ids: set[str], tenant_id: str | None) -> list[int]:
    """Rows whose payload holds one of the ids anywhere: a few to parse, found at the speed of a scan."""
    import pyarrow.compute as pc  # noqa: PLC0415 - only commands about archives need it, and it takes 0.2 s

    found = pc.match_substring_regex(batch["payload"], escaped_pattern(ids))
    if tenant_id is not None:
        found = pc.and_(found, pc.equal(batch["tenant_id"], tenant_id))
    places: list[int] = pc.indices_nonzero(found).to_pylist()
    return places
