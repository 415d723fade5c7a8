"""Writes what is generated from the event classes: the reference page, the JSON Schema files, the field seed.

Run as ``python -m emitter.reference`` in the project's root (``make reference``).
"""

import csv
import io
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
from msgspec.structs import FieldInfo, fields

from .events import (
    KNOWN_EVENTS,
    Envelope,
    Event,
    agents,
    ai,
    event_name,
    hub,
    own,
    personal_fields,
    quality,
    queries,
    sessions,
    tickets,
)
from .events.envelope import UNSAFE_FIELD

_FAMILIES = (sessions, queries, ai, agents, tickets, quality, hub, own)
_HANDLING = {
    "hashed": "personal: hashed in the warehouse",
    "masked": "free text: masked before it is written",
    "captured": "dropped unless text capture is on, then masked",
}


def reference_files() -> dict[str, str]:
    """Path, relative to the project's root, and content of every generated file."""
    files = {"docs/events.md": _page(), "seeds/contract/event_fields.csv": _field_seed()}
    for name, event_class in KNOWN_EVENTS.items():
        files[f"docs/schemas/{name}.schema.json"] = json.dumps(line_schema(event_class), indent=2) + "\n"
    return files


def line_schema(event_class: type[Event]) -> dict[str, Any]:
    """JSON Schema (2020-12) of a whole line: the envelope and the fields of one event."""
    _, components = msgspec.json.schema_components([Envelope, event_class], ref_template="{name}")
    envelope, event = components[Envelope.__name__], components[event_class.__name__]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": event_name(event_class),
        "description": _sentence(event_class),
        "type": "object",
        "properties": envelope["properties"] | event["properties"] | {UNSAFE_FIELD: False},
        "required": list(dict.fromkeys(envelope["required"] + event["required"])),
    }


def _page() -> str:
    out = [
        "# Event reference",
        "",
        "Generated from the event classes in `emitter/events/` by `make reference`; a test fails when it is stale.",
        "One JSON object per line. **Bold** fields are required; the others may be null or absent.",
        "Unknown events and fields are loaded and kept. JSON Schema files are in `schemas/`.",
        "",
        "## Envelope: on every line",
        "",
        *_table(Envelope, {}),
        "",
        f"Where the emitter could not write a value as it was, it names the field in a list `{UNSAFE_FIELD}`;",
        "such lines are rejected (`invalid_value`).",
    ]
    for family in _FAMILIES:
        out += ["", f"## {_title(family)}", ""]
        for event_class in _classes(family):
            out += [
                f"### `{event_name(event_class)}` (`{event_class.__name__}`)",
                "",
                _sentence(event_class),
                "",
                *_table(event_class, personal_fields(event_class)),
                "",
            ]
        out.pop()
    return "\n".join(out) + "\n"


def _field_seed() -> str:
    """The contract's fields as a seed: event, field, type, whether required, how personal data is treated."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(["event", "field", "type", "is_required", "personal_handling"])
    for family in _FAMILIES:
        for event_class in _classes(family):
            personal = personal_fields(event_class)
            for field in fields(event_class):
                kind = _json_type(_property(event_class, field))
                writer.writerow(
                    [event_name(event_class), field.name, kind, str(field.required).lower(), personal.get(field.name)]
                )
    return buffer.getvalue()


def _table(struct: type[msgspec.Struct], personal: dict[str, str]) -> list[str]:
    rows = ["| field | type | notes |", "|---|---|---|"]
    for field in fields(struct):
        schema = _property(struct, field)
        name = f"**`{field.name}`**" if field.required else f"`{field.name}`"
        notes = [schema.get("description"), _HANDLING.get(personal.get(field.name, ""))]
        rows.append(f"| {name} | {_json_type(schema)}{_rule(schema)} | {'; '.join(filter(None, notes))} |")
    return rows


def _property(struct: type[msgspec.Struct], field: FieldInfo) -> dict[str, Any]:
    _, components = msgspec.json.schema_components([struct], ref_template="{name}")
    schema: dict[str, Any] = components[struct.__name__]["properties"][field.encode_name]
    description = {key: schema[key] for key in ("description",) if key in schema}
    variants = [variant for variant in schema.get("anyOf", []) if variant.get("type") != "null"]
    return (variants[0] | description) if variants else schema


def _json_type(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return "string"
    if schema.get("format") == "date-time":
        return "timestamp"
    if schema["type"] == "array":
        return f"list of {_json_type(schema['items'])}"
    return str(schema["type"])


def _rule(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        values = [value for value in schema["enum"] if value is not None]
        return ": " + ", ".join(f"`{value}`" for value in values)
    low, high = schema.get("minimum"), schema.get("maximum")
    bounds = {"minLength": "not empty", "maxLength": f"at most {schema.get('maxLength')} characters"}
    rules = [text for key, text in bounds.items() if key in schema]
    if low is not None and high is not None and high < 2**31 - 1:
        rules.append(f"{low:g} to {high:g}")
    elif low is not None and low > -(2**31):
        rules.append(f"at least {low:g}")
    return ", " + ", ".join(rules) if rules else ""


def _classes(family: ModuleType) -> list[type[Event]]:
    return [event_class for event_class in KNOWN_EVENTS.values() if event_class.__module__ == family.__name__]


def _title(family: ModuleType) -> str:
    return (family.__doc__ or "").replace("``", "`").strip().rstrip(".")


def _sentence(event_class: type[Event]) -> str:
    return " ".join((event_class.__doc__ or "").replace("``", "`").split())


def main() -> None:
    """Write all generated files below the current folder."""
    for path, content in reference_files().items():
        target = Path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content, encoding="utf-8")


if __name__ == "__main__":
    main()
