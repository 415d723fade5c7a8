"""What is generated from the event classes: never stale, and the schemas say what the classes say."""

import csv
import json
from datetime import datetime
from pathlib import Path

import jsonschema
import msgspec
import pytest

from emitter import KNOWN_EVENTS, Envelope
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
        f"{name}.schema.json" for name in KNOWN_EVENTS
    )


@pytest.mark.parametrize("name", sorted(KNOWN_EVENTS))
def test_schema_is_valid_and_accepts_emitted_lines(log, sample, name):
    jsonschema.Draft202012Validator.check_schema(_schema(name))
    log.info(sample(KNOWN_EVENTS[name]), extra={"is_not_known": 1})
    log.info(sample(KNOWN_EVENTS[name], is_full=False))
    assert [_is_valid(line, name) for line in log.lines()] == [True, True]


@pytest.mark.parametrize("name", sorted(KNOWN_EVENTS))
def test_schema_refuses_what_the_classes_refuse(log, sample, name):
    log.info(sample(KNOWN_EVENTS[name]))
    good = log.last()
    for field, value in good.items():
        without = {key: other for key, other in good.items() if key != field}
        for bad in (without, good | {field: {"not": "this"}}, good | {field: -(10**9)}, good | {field: ""}):
            assert _is_valid(bad, name) == _converts(bad, name), (field, value, bad.get(field))


def _converts(line: dict, name: str) -> bool:
    try:
        msgspec.convert(line, Envelope)
        msgspec.convert(line, KNOWN_EVENTS[name])
    except msgspec.ValidationError:
        return False
    return True


#: Faults of lines that JSON Schema cannot express.
BEYOND_SCHEMA = {"bad_timestamp", "nul_character", "lone_surrogate", "too_deep"}


def _cut(path: Path) -> list[str]:
    """Lines as the loader cuts them: U+2028 is none of its ends."""
    return path.read_text(encoding="utf-8").split("\n")[:-1]


def test_schemas_judge_the_conformance_set_as_the_loader_does():
    folder = ROOT / "docs" / "conformance"
    for line in _cut(folder / "good.jsonl"):
        event = json.loads(line)["event"]
        assert event not in KNOWN_EVENTS or _is_valid(json.loads(line), event), line
    with (folder / "bad_reasons.csv").open() as file:
        reasons = [row["reason"] for row in csv.DictReader(file)]
    judged = 0
    for line, reason in zip(_cut(folder / "bad.jsonl"), reasons, strict=True):
        if not line.startswith("{") or reason == "not_json":
            continue
        fields = json.loads(line)
        # A line without a name is measured by any event's schema.
        name = fields.get("event") if fields.get("event") in KNOWN_EVENTS else "session.start"
        if not _is_valid(fields, name):
            judged += 1
        else:
            assert reason in BEYOND_SCHEMA, line
    assert judged == 29
