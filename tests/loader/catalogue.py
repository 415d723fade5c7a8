"""What PostgreSQL's catalog says of the raw schema, and what its tables hold, in a form that can be compared."""

from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

# The days of raw.events follow the loads, and are described by their parent; Alembic's own book is not ours.
_TABLES = """
    create temporary view raw_tables as
    select oid, relname, relkind, relacl, relowner from pg_class
    where relnamespace = 'raw'::regnamespace and not relispartition and relname not like 'alembic\\_version%'
"""
# Positions of columns are not compared: a column that was added stands last.
_QUERIES = {
    "tables": """
        select relname, relkind, pg_get_userbyid(relowner), pg_get_partkeydef(oid), obj_description(oid, 'pg_class')
        from raw_tables where relkind in ('r', 'p', 'v', 'm', 'S')
    """,
    "columns": """
        select relname, attname, format_type(atttypid, atttypmod), attnotnull, attidentity, attgenerated, attacl::text,
            attcollation, pg_get_expr(adbin, adrelid), col_description(attrelid, attnum)
        from raw_tables inner join pg_attribute on attrelid = raw_tables.oid
        left join pg_attrdef on adrelid = attrelid and adnum = attnum
        where attnum > 0 and not attisdropped and relkind in ('r', 'p', 'v', 'm')
    """,
    "constraints": """
        select relname, conname, contype, convalidated, pg_get_constraintdef(pg_constraint.oid)
        from raw_tables inner join pg_constraint on conrelid = raw_tables.oid
    """,
    "indexes": """
        select tablename, indexname, indexdef from pg_indexes
        where schemaname = 'raw' and tablename in (select relname from raw_tables)
    """,
    "triggers": """
        select relname, pg_get_triggerdef(pg_trigger.oid)
        from raw_tables inner join pg_trigger on tgrelid = raw_tables.oid where not tgisinternal
    """,
    "grants": """
        select relname, grantee::regrole::text, privilege_type, is_grantable
        from raw_tables cross join aclexplode(coalesce(relacl, acldefault('r', relowner)))
        union all
        select nspname, grantee::regrole::text, privilege_type, is_grantable
        from pg_namespace cross join aclexplode(coalesce(nspacl, acldefault('n', nspowner)))
        where nspname not like 'pg\\_%' and nspname not in ('information_schema', 'public')
        union all
        select 'default in ' || defaclnamespace::regnamespace, grantee::regrole::text, privilege_type, is_grantable
        from pg_default_acl cross join aclexplode(defaclacl)
        union all
        select 'database', grantee::regrole::text, privilege_type, is_grantable
        from pg_database cross join aclexplode(datacl)
        where datname = current_database() and grantee <> 0 and grantee <> datdba
    """,
    "functions": """
        select oid::regprocedure::text, pg_get_functiondef(oid), pg_get_userbyid(proowner), proacl::text
        from pg_proc where pronamespace = 'raw'::regnamespace
    """,
    "schemas": """
        select nspname, pg_get_userbyid(nspowner) from pg_namespace
        where nspname not like 'pg\\_%' and nspname not in ('information_schema', 'public')
    """,
}

Described = dict[str, list[str]]


def described(url: str) -> Described:
    """Tables, columns, constraints, indexes, triggers, grants, functions and schemas, each as sorted rows."""
    with psycopg.connect(url) as connection:
        connection.execute(_TABLES)
        return {part: sorted(map(str, connection.execute(query))) for part, query in _QUERIES.items()}


def contents(url: str) -> dict[str, list[dict[str, Any]]]:
    """All rows of all tables of raw, sorted as text; the tables of the migrations' own books are left out."""
    with psycopg.connect(url, row_factory=dict_row) as connection:
        tables = connection.execute(
            "select relname from pg_class where relnamespace = 'raw'::regnamespace and relkind in ('r', 'p')"
            " and not relispartition and relname not in ('schema_versions', 'alembic_version')"
        ).fetchall()
        return {
            table["relname"]: sorted(
                connection.execute(sql.SQL("select * from raw.{}").format(sql.Identifier(table["relname"]))), key=str
            )
            for table in tables
        }
