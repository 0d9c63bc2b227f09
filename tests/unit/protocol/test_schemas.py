"""The published JSON Schemas: those of the models, and what our own files keep to."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from protocol.schemas import FOLDER, PUBLISHED, schema_text

RECORDINGS = Path(__file__).parents[2] / "recordings"


def schema(name: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads(schema_text(name)))


def as_json(path: Path) -> Any:
    """The YAML file as JSON readers of it see it: a time is text."""
    reader = YAML(typ="safe", pure=True)
    reader.constructor.yaml_constructors["tag:yaml.org,2002:timestamp"] = lambda _, node: node.value
    return reader.load(path)


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_published_schema_is_the_models(name: str) -> None:
    """After a change to a model: python -m protocol.schemas."""
    assert (FOLDER / f"{name}.schema.json").read_text(encoding="utf-8") == schema_text(name)
    Draft202012Validator.check_schema(json.loads(schema_text(name)))


def test_no_schema_is_left_behind() -> None:
    assert {path.name.removesuffix(".schema.json") for path in FOLDER.glob("*.json")} == set(PUBLISHED)


@pytest.mark.parametrize(
    "path", sorted(RECORDINGS.glob("*/*.yaml")), ids=lambda path: f"{path.parent.name}/{path.name}"
)
def test_our_recordings_keep_to_the_schemas(path: Path) -> None:
    schema(path.stem).validate(as_json(path))


@pytest.mark.parametrize(("pattern", "name"), [("*/gate.jsonl", "gate-line"), ("*/truth/events.jsonl", "truth-event")])
def test_our_recordings_lines_keep_to_the_schemas(pattern: str, name: str) -> None:
    lines = [line for path in RECORDINGS.glob(pattern) for line in path.read_text().splitlines()]
    assert lines
    for line in lines:
        schema(name).validate(json.loads(line))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ack", {"epoch": 1, "seq": -1}),
        ("gate-line", {"t_s": 1, "lane": "door", "event": "enter", "token": ""}),
        ("event-entered", {"lane": "Door!", "token": "anna"}),
        ("store", {"format": 1, "store": "corner"}),
    ],
)
def test_a_schema_refuses_what_the_model_refuses(name: str, value: object) -> None:
    assert not schema(name).is_valid(value)
