"""The staging views read exactly the fields of the event contract, and personal data stops there."""

import re
from hashlib import sha256
from pathlib import Path

import psycopg
import pytest
import yaml

from emitter.events import EVENTS, personal_fields

ROOT = Path(__file__).resolve().parents[2]
#: A field of the payload, or one that the base model has already taken out of it.
READ_FIELD = re.compile(
    r"json_(?:text|key|int|float|bool|timestamp|list)\('payload', '(\w+)'\)"
    r"|^        (session_id|ticket_id|agent_id|thread_id|contact_hash),?$",
    re.MULTILINE,
)
#: Identifiers that the base model has already hashed.
HASHED_BY_BASE = {"contact_hash": "contact_id"}
READ_EVENT = re.compile(r"where event = '([\w.]+)'")


def staging_views() -> dict[str, str]:
    """The text of the staging view of each event."""
    texts = [path.read_text() for path in (ROOT / "models/staging").rglob("stg_*.sql")]
    return {match[1]: text for text in texts if (match := READ_EVENT.search(text))}


def test_there_is_one_staging_view_per_event():
    assert set(staging_views()) == set(EVENTS)


@pytest.mark.parametrize("event", EVENTS)
def test_staging_view_reads_exactly_the_fields_of(event):
    read = [
        field or HASHED_BY_BASE.get(taken_out, taken_out)
        for field, taken_out in READ_FIELD.findall(staging_views()[event])
    ]
    assert read == list(EVENTS[event].__struct_fields__)


@pytest.mark.parametrize("event", EVENTS)
def test_staging_view_hashes_personal_identifiers_of(event):
    for field, handling in personal_fields(EVENTS[event]).items():
        if handling == "hashed" and field not in HASHED_BY_BASE.values():
            assert f"keyed_hash(json_text('payload', '{field}'))" in staging_views()[event]


def test_base_model_hashes_contacts():
    macros = (ROOT / "dbt_project/macros/hub.sql").read_text()
    assert "keyed_hash(json_text('known_payload', 'contact_id'))" in macros


def test_marts_hold_no_personal_data_in_clear(warehouse):
    """Every personal value of the logs is looked for in every text column of every mart."""
    names = {field for event in EVENTS.values() for field, how in personal_fields(event).items() if how == "hashed"}
    values = {
        value
        for (value,) in warehouse.ask(
            "select distinct fields.value from raw.events, jsonb_each_text(payload) as fields"
            " where fields.key = any(%s) and event not like 'ai.%%'",
            list(names),
        )
    }
    assert len(values) > 100
    columns = warehouse.ask(
        "select table_name, column_name from information_schema.columns"
        " where table_schema = 'marts' and data_type = 'text'"
    )
    assert len(columns) > 20
    found = {
        (table, column)
        for table, column in columns
        for (value,) in warehouse.ask(f'select distinct "{column}" from marts."{table}"')
        if value in values
    }
    assert found == set()


def test_every_mart_has_a_primary_key(warehouse):
    """It stands in for the test of the key, which nights leave out."""
    without = warehouse.ask(
        "select relname from pg_class"
        " where relnamespace = 'marts'::regnamespace and relkind = 'r'"
        " and not exists (select 1 from pg_constraint where conrelid = pg_class.oid and contype = 'p')"
    )
    assert without == []


def test_every_model_has_the_key_that_its_test_names(warehouse, fork_dbt):
    """Also those of staging models, which builds leave out."""
    tested = fork_dbt(warehouse.url, "test", "--select", "test_name:unique_key")
    assert tested.returncode == 0, tested.stdout


def test_the_test_of_a_key_finds_rows_twice_and_rows_without_it(built_database, fork_dbt):
    """Where a unique index holds the key, only a part that is null can be found; where none does, rows are counted."""
    table = "intermediate.int_sessions_described"
    with psycopg.connect(built_database, autocommit=True) as connection:

        def add(tenant: str | None, session: str) -> None:
            connection.execute(f"insert into {table} (tenant_id, session_id) values (%s, %s)", (tenant, session))

        def offenders_count() -> int:
            tested = fork_dbt(built_database, "test", "--select", "int_sessions_described,test_name:unique_key")
            return int(re.search(r"Got (\d+) result", tested.stdout)[1]) if tested.returncode else 0

        add("t", "s")
        with pytest.raises(psycopg.errors.UniqueViolation):
            add("t", "s")
        assert offenders_count() == 0
        add(None, "s")
        assert offenders_count() == 1
        connection.execute(f"delete from {table} where tenant_id is null")
        [(index,)] = connection.execute(
            "select indexrelid::regclass::text from pg_index where indisunique and indrelid = %s::regclass", (table,)
        )
        connection.execute(f"drop index {index}")
        add("t", "s")
        assert offenders_count() == 1


def test_the_keys_of_lines_and_events_are_unique_indexes(warehouse):
    """They stand in for those tests."""
    indexes = warehouse.ask(
        "select split_part(pg_get_indexdef(indexrelid), ' USING ', 2) from pg_index"
        " where indrelid = 'staging.base_event_lines'::regclass and indisunique order by 1"
    )
    assert indexes == [
        ("btree (event_id, copy_number)",),
        ("btree (load_id, source_file_id, line_number)",),
    ]


#: The outcome rules of each version, as a hash of their `case`: a new text needs a new version.
OUTCOME_RULES = {1: "54ea1e21181b322d"}


def test_changed_outcome_rules_have_a_new_version():
    text = (ROOT / "models/intermediate/sessions/int_session_outcomes_decided.sql").read_text()
    [rules] = re.findall(r"^        case\n.*?end as outcome\n", text, re.DOTALL | re.MULTILINE)
    [version] = re.findall(r"(\d+) as outcome_rule_version", text)
    assert OUTCOME_RULES[int(version)] == sha256(rules.encode()).hexdigest()[:16]


def test_descriptions_are_comments_in_the_database(warehouse):
    told = [yaml.safe_load(path.read_text()) for path in (ROOT / "models").rglob("*.yml")]
    models = [model for described in told for model in described.get("models", ())]
    described = {model["name"]: model["description"] for model in models}
    for model in models:
        described |= {f"{model['name']}.{column['name']}": column["description"] for column in model["columns"]}
    commented = dict(
        warehouse.ask(
            "select concat_ws('.', relname, attname), description from pg_description"
            " inner join pg_class on pg_class.oid = objoid"
            " left join pg_attribute on attrelid = objoid and attnum = objsubid and objsubid > 0"
            " where classoid = 'pg_class'::regclass and relnamespace::regnamespace::text"
            " in ('staging', 'intermediate', 'marts')"
        )
    )
    assert {name for name in described if commented.get(name, "").strip() != described[name].strip()} == set()


def test_models_keep_the_house_rules():
    """A grain on the first line, no clock, no :: cast, source() in staging alone, at most 90 lines."""
    offenders = []
    for path in (ROOT / "models").rglob("*.sql"):
        text = path.read_text()
        checks = {
            "grain": not text.startswith("-- grain: one row per "),
            "clock": re.search(r"\b(current_timestamp|current_date|now\(\)|getdate)\b", text, re.IGNORECASE),
            "cast": "::" in text,
            "source": "source(" in text and "staging" not in path.parts,
            "length": len(text.splitlines()) > 90,
            "end": not text.endswith("\n)\n\nselect * from final\n"),
        }
        offenders += [(path.name, rule) for rule, broken in checks.items() if broken]
    assert offenders == []


#: One definition of the counts of every period: a list of columns, which is as long as they are many.
COLUMN_LISTS = {"session_counts", "summed_session_counts"}


def test_macros_keep_the_house_rules():
    """Under 20 lines, and told what it is; a macro's form for one engine is told by the macro that calls it."""
    offenders = []
    for path in (ROOT / "dbt_project" / "macros").glob("*.sql"):
        text = path.read_text()
        for macro in re.finditer(r"^\{%-? macro (\w+)\(.*?^\{%-? endmacro -?%\}$", text, re.DOTALL | re.MULTILINE):
            name = macro[1]
            checks = {
                "length": len(macro[0].splitlines()) >= 20 and name not in COLUMN_LISTS,
                "told": not text[: macro.start()].endswith("#}\n") and not name.startswith(("postgres__", "duckdb__")),
            }
            offenders += [(name, rule) for rule, broken in checks.items() if broken]
    assert offenders == []
