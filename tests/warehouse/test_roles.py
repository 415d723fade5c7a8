"""What the reader of a built warehouse may and may not do, tried with psql's own protocol."""

import psycopg
import pytest


@pytest.fixture
def reader(server, warehouse):
    database = psycopg.conninfo.conninfo_to_dict(warehouse.url)["dbname"]
    with psycopg.connect(**server.parameters(database, "reader"), autocommit=True) as connection:
        yield connection


def test_reader_reads_every_mart(reader, warehouse):
    marts = warehouse.ask(
        "select table_name from information_schema.tables where table_schema = 'marts' and table_type = any(%s)",
        ["BASE TABLE", "VIEW"],
    )
    assert len(marts) > 20
    for (mart,) in marts:
        assert reader.execute(f'select count(*) >= 0 from marts."{mart}"').fetchone() == (True,)


@pytest.mark.parametrize(
    "statement",
    [
        "select * from raw.events",
        "select * from raw.dead_letters",
        "select * from raw.hash_key",
        "select * from staging.base_events",
        "select * from intermediate.int_sessions_bounded",
        "select * from seeds.human_costs",
        "delete from marts.fct_sessions",
        "create table marts.mine (x int)",
        "create schema mine",
        "set role transformer",
    ],
)
def test_reader_is_refused(reader, statement):
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        reader.execute(statement)
