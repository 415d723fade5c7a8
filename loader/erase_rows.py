"""The SQL of an erasure: who is kept out, and which rows leave raw. All in one transaction of the caller."""

from datetime import date
from typing import Any

import psycopg
from psycopg import sql

from . import __version__
from .person import KINDS, Kind, Letters, Person, field_of

_LETTERS_AT_ONCE = 100
# Which line it was, and nothing of what it said.
_LINE = sql.SQL("load_id, source_file_id, line_number, product, emitter_id, seq, occurred_on")
_OCCURRED_ON = sql.SQL("cast(occurred_at at time zone 'UTC' as date) as occurred_on")
# Reads as case_hash in dbt_project/macros/retention.sql.
_CASE_HASH = sql.SQL(
    "left(encode(sha256(convert_to((select hash_key from raw.hash_key) || kind || ' ' || length(tenant_id) || ' '"
    " || tenant_id || ' ' || case_id, 'UTF8')), 'hex'), 32)"
)

# Reads as keyed_hash in dbt_project/macros/keyed_hash.sql.
_ID_HASH = sql.SQL("encode(sha256(convert_to((select hash_key from raw.hash_key) || id, 'UTF8')), 'hex')")


def begin(connection: psycopg.Connection[Any], kind: str, tenant_id: str | None, value: str | None) -> int:
    """A new erasure; its id. value: whom it is of, recorded as a keyed hash."""
    row = connection.execute(
        sql.SQL(
            "insert into raw.erasures (kind, id_hash, tenant_id, archived_lines_count, loader_version)"
            " select kind, {}, tenant_id, 0, %s"
            " from (values (%s::text, %s::text, %s::text)) as person (kind, tenant_id, case_id) returning erasure_id"
        ).format(_CASE_HASH),
        [__version__, kind, tenant_id, value],
    ).fetchone()
    return int(row[0]) if row else 0


def keep_out(connection: psycopg.Connection[Any], erasure_id: int, person: Person) -> None:
    """Remember who is erased. A session or ticket never comes back; who writes again after the erasure is let in.

    Contacts stand as hashes in the warehouse: its rows about one whose lines are pruned are found by the hash of that.
    """
    for kind, ids in person.ids.items():
        until = "infinity" if kind in {"session", "ticket"} else None
        connection.execute(
            sql.SQL(
                "with given as (select unnest(%s::text[]) as id),"
                " cases as (select %s::text as kind, %s::text as tenant_id, id as case_id from given"
                " union all select 'contact', %s, {} from given where %s = 'contact')"
                " insert into raw.erased_cases as known (case_hash, kind, erased_before, erasure_id)"
                " select {}, kind, coalesce(%s::timestamptz, clock_timestamp()), %s from cases"
                " on conflict (case_hash) do update"
                " set erased_before = greatest(known.erased_before, excluded.erased_before)"
            ).format(_ID_HASH, _CASE_HASH),
            [sorted(ids), kind, person.tenant_id, person.tenant_id, kind, until, erasure_id],
        )


def delete_events(connection: psycopg.Connection[Any], erasure_id: int, person: Person) -> None:
    condition, values = _is_named(person)
    connection.execute(
        sql.SQL(
            "with gone as ("
            "    delete from raw.events where {condition} returning *"
            ") insert into raw.erased_lines ({line}, held_in, erasure_id)"
            " select {line}, 'events', %(erasure)s from (select *, {day} from gone) as gone"
        ).format(condition=condition, line=_LINE, day=_OCCURRED_ON),
        values | {"erasure": erasure_id},
    )


def note_built_lines(connection: psycopg.Connection[Any], erasure_id: int, person: Person) -> None:
    """Note the built lines that raw has pruned: dbt deletes them, the owner of the warehouse."""
    condition, values = _is_named(person)
    connection.execute(
        sql.SQL(
            "insert into raw.erased_lines ({line}, held_in, erasure_id)"
            " select {line}, 'warehouse', %(erasure)s"
            " from (select *, {day} from staging.base_event_lines) as lines"
            " where {condition} on conflict do nothing"
        ).format(condition=condition, line=_LINE, day=_OCCURRED_ON),
        values | {"erasure": erasure_id},
    )


def delete_refused(connection: psycopg.Connection[Any], erasure_id: int) -> None:
    """Delete the lines that the warehouse keeps out because they came after their erasure."""
    connection.execute(
        sql.SQL(
            "with gone as ("
            "    delete from raw.events using staging.base_event_lines as refused"
            "    where refused.copy_number = -1 and events.load_id = refused.load_id"
            "    and events.source_file_id = refused.source_file_id and events.line_number = refused.line_number"
            "    returning events.*"
            ") insert into raw.erased_lines ({line}, held_in, erasure_id)"
            " select {line}, 'events', %s from (select *, {day} from gone) as gone"
        ).format(line=_LINE, day=_OCCURRED_ON),
        [erasure_id],
    )


def refused_cases(connection: psycopg.Connection[Any]) -> list[Person]:
    """Sessions and tickets of the lines that the warehouse keeps out: one for each tenant."""
    persons: dict[str, Person] = {}
    rows = connection.execute(
        "select distinct events.tenant_id, events.payload ->> 'session_id', events.payload ->> 'ticket_id'"
        " from raw.events inner join staging.base_event_lines as refused"
        " on events.load_id = refused.load_id and events.source_file_id = refused.source_file_id"
        " and events.line_number = refused.line_number where refused.copy_number = -1"
    )
    for tenant, session, ticket in rows:
        person = persons.setdefault(tenant, Person(tenant))
        person.add("session", session)
        person.add("ticket", ticket)
    return list(persons.values())


def delete_letters(connection: psycopg.Connection[Any], erasure_id: int, person: Person) -> None:
    letters = Letters(person)
    with connection.cursor(name="dead_letters") as cursor:
        # A line may be as long as the loader's limit.
        cursor.itersize = _LETTERS_AT_ONCE
        cursor.execute("select dead_letter_id, line from raw.dead_letters where line is not null")
        found = [letter_id for letter_id, line in cursor if letters.is_about(line)]
    connection.execute(
        "with gone as ("
        "    delete from raw.dead_letters where dead_letter_id = any(%s) returning load_id, source_file_id, line_number"
        ") insert into raw.erased_lines (load_id, source_file_id, line_number, held_in, erasure_id)"
        " select load_id, source_file_id, line_number, 'dead_letters', %s from gone",
        [found, erasure_id],
    )


def finish(connection: psycopg.Connection[Any], erasure_id: int, archived_lines: int) -> None:
    """Note what left archives. A look for latecomers that found none leaves no trace."""
    connection.execute(
        "update raw.erasures set archived_lines_count = %s where erasure_id = %s", [archived_lines, erasure_id]
    )
    connection.execute(
        "delete from raw.erasures where erasure_id = %s and kind = 'latecomers'"
        " and not exists (select 1 from raw.erased_lines as lines where lines.erasure_id = erasures.erasure_id)",
        [erasure_id],
    )


def counts(connection: psycopg.Connection[Any], erasure_id: int) -> dict[str, int]:
    """Erased lines by where they were held."""
    rows = connection.execute(
        "select held_in, count(*) from raw.erased_lines where erasure_id = %s group by held_in", [erasure_id]
    )
    return dict(rows.fetchall())


def positions(connection: psycopg.Connection[Any], erasure_id: int) -> dict[date, set[tuple[int, int]]]:
    """Load and line number of the lines that left raw.events, by the day of their load."""
    found: dict[date, set[tuple[int, int]]] = {}
    rows = connection.execute(
        "select loads.loaded_on, erased.load_id, erased.line_number from raw.erased_lines as erased"
        " inner join raw.loads on erased.load_id = loads.load_id"
        " where erased.erasure_id = %s and erased.held_in = 'events'",
        [erasure_id],
    )
    for day, *position in rows:
        found.setdefault(day, set()).add((position[0], position[1]))
    return found


def log_files(connection: psycopg.Connection[Any], erasure_id: int, more: set[int]) -> list[str]:
    """Paths of the files that the erased lines came from, and of more by their ids."""
    rows = connection.execute(
        "select distinct path from raw.source_files where source_file_id = any(%s) or source_file_id in"
        " (select source_file_id from raw.erased_lines where erasure_id = %s) order by path",
        [sorted(more), erasure_id],
    )
    return [path for (path,) in rows]


def vacuum(connection: psycopg.Connection[Any], erasure_id: int) -> None:
    """Let the server clear the deleted rows from its pages: it would not come by itself for a few in an old day."""
    days = connection.execute(
        "select distinct loads.loaded_on from raw.loads inner join raw.erased_lines as erased"
        " on loads.load_id = erased.load_id where erased.erasure_id = %s and erased.held_in = 'events'",
        [erasure_id],
    )
    for name in (*(f"events_{day:%Y%m%d}" for (day,) in days.fetchall()), "dead_letters"):
        connection.execute(sql.SQL("vacuum {}").format(sql.Identifier("raw", name)))


def _is_named(person: Person) -> tuple[sql.Composable, dict[str, Any]]:
    """A condition on lines with a payload, and its values."""
    kinds: list[Kind] = [kind for kind in KINDS if person.ids[kind]]
    fields = sql.SQL(" or ").join(
        sql.SQL("payload ->> {} = any({})").format(sql.Literal(field_of(kind)), sql.Placeholder(kind)) for kind in kinds
    )
    condition = sql.SQL("(tenant_id = %(tenant)s and ({}))").format(fields if kinds else sql.SQL("false"))
    return condition, {"tenant": person.tenant_id} | {kind: sorted(person.ids[kind]) for kind in kinds}
