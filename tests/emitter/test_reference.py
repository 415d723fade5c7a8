"""What is generated from the event classes: never stale, and the schemas say what the classes say."""

import json
from datetime import datetime
from pathlib import Path

import jsonschema
import msgspec
import pytest

from emitter import EVENTS, Envelope
from emitter.reference import reference_files

ROOT = Path(__file__).resolve().parents[2]


def _schema(name: str) -> dict:
    return json.loads((ROOT / "docs" / "schemas" / f"{name}.schema.json").read_text(encoding="utf-8"))


FORMATS = jsonschema.FormatChecker(formats=[])


@FORMATS.checks("date-time", raises=ValueError)
def _is_instant(value: object) -> bool:
    """`format` says nothing to the library until somebody tells it how to check."""
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


def _is_valid(line: dict, name: str) -> bool:
    validator = jsonschema.Draft202012Validator(_schema(name), format_checker=FORMATS)
    return validator.is_valid(line)


@pytest.mark.parametrize("path", sorted(reference_files()))
def test_generated_file_is_not_stale(path):
    assert (ROOT / path).read_text(encoding="utf-8") == reference_files()[path]


def test_no_schema_is_left_of_an_event_that_is_gone():
    assert sorted(path.name for path in (ROOT / "docs" / "schemas").iterdir()) == sorted(
        f"{name}.schema.json" for name in EVENTS
    )


@pytest.mark.parametrize("name", sorted(EVENTS))
def test_schema_is_valid_and_accepts_emitted_lines(log, sample, name):
    jsonschema.Draft202012Validator.check_schema(_schema(name))
    log.info(sample(EVENTS[name]), extra={"is_not_known": 1})
    log.info(sample(EVENTS[name], is_full=False))
    assert [_is_valid(line, name) for line in log.lines()] == [True, True]


@pytest.mark.parametrize("name", sorted(EVENTS))
def test_schema_refuses_what_the_classes_refuse(log, sample, name):
    log.info(sample(EVENTS[name]))
    good = log.last()
    for field, value in good.items():
        without = {key: other for key, other in good.items() if key != field}
        for bad in (without, good | {field: {"not": "this"}}, good | {field: -(10**9)}, good | {field: ""}):
            assert _is_valid(bad, name) == _converts(bad, name), (field, value, bad.get(field))


def _converts(line: dict, name: str) -> bool:
    try:
        msgspec.convert(line, Envelope)
        msgspec.convert(line, EVENTS[name])
    except msgspec.ValidationError:
        return False
    return True
