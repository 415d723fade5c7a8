"""Whose a rejected line is: by its values where it is JSON, by its bytes where it is not."""

import json

import pytest

from loader.person import Letters, Person, escaped_pattern, parsed, text_of


def letters(*ids: str, tenant: str = "default") -> Letters:
    person = Person(tenant)
    person.ids["customer"].update(ids)
    return Letters(person)


@pytest.mark.parametrize(
    ("line", "is_theirs"),
    [
        pytest.param(b'{"customer_id": "C-1"}', True, id="a value"),
        pytest.param(b'{"customer_id": "C-12"}', False, id="the beginning of a value"),
        pytest.param(b'{"text": "C-1 called"}', False, id="a part of a text"),
        pytest.param(b'{"deep": [{"er": ["C-1"]}]}', True, id="a value inside"),
        pytest.param(b'{"C-1": 1}', False, id="a name"),
        pytest.param(b'{"customer_id": "\\u0043-1"}', True, id="an escaped value"),
        pytest.param(b'{"customer_id": "C-1", "customer_id": "x"}', True, id="a field that is there twice"),
        pytest.param(b'["C-1"]', True, id="no object"),
        pytest.param(b'{"tenant_id": "harbor", "customer_id": "C-1"}', False, id="another tenant's"),
        pytest.param(b'{"tenant_id": 7, "customer_id": "C-1"}', False, id="no tenant's"),
        pytest.param(b'{"customer_id": "C-1"', True, id="cut off"),
        pytest.param(b'{"customer_id": "C-12"', False, id="cut off, and another's"),
        pytest.param(b'{"customer_id": "xC-1"', False, id="cut off, the end of a word"),
        pytest.param(b"customer=C-1&order=2", True, id="no JSON"),
        pytest.param(b'\xff{"customer_id": "C-1"}', True, id="no UTF-8"),
        pytest.param('{"customer_id": "C-1"'.encode("utf-16-le"), True, id="cut off UTF-16"),
        pytest.param('{"customer_id": "C-1"}'.encode("utf-16"), True, id="UTF-16"),
        pytest.param(b"[" * 100_000 + b'"C-1"', True, id="too deep"),
        pytest.param(b"", False, id="empty"),
    ],
)
def test_a_rejected_line_is_theirs(line: bytes, is_theirs: bool) -> None:
    assert letters("C-1").is_about(line) == is_theirs


def test_a_number_is_an_id_by_its_digits() -> None:
    assert letters("42").is_about(b'{"customer_id": 42}')
    assert not letters("42").is_about(b'{"customer_id": 42.0}')
    assert letters("true").is_about(b'{"customer_id": true}')


def test_an_id_of_other_characters_is_found_escaped_or_not() -> None:
    theirs = letters('客户"1')
    for is_ascii in (True, False):
        line = json.dumps({"customer_id": '客户"1'}, ensure_ascii=is_ascii)
        assert theirs.is_about(line.encode())
        assert theirs.is_about(line[:-1].encode())


def test_nobodys_ids_are_in_no_line() -> None:
    assert not letters().is_about(b"whatever")
    assert not letters().is_about(b'{"customer_id": ""}')


def test_a_pattern_finds_ids_as_postgres_writes_them() -> None:
    assert escaped_pattern({"a.b", 'q"'}) == 'a\\.b|q\\\\"'


@pytest.mark.parametrize(
    ("payload", "text"),
    [
        ('{"a": "x"}', "x"),
        ('{"a": 1.50}', "1.50"),
        ('{"a": false}', "false"),
        ('{"a": null}', None),
        ('{"a": []}', None),
    ],
)
def test_a_field_reads_as_postgres_gives_it(payload: str, text: str | None) -> None:
    assert text_of(parsed(payload)["a"]) == text
