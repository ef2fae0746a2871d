"""The JSON Schema made of the specs: the shipped models pass it, and it refuses what the loader does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import reliefperf.scenarios.studies  # noqa: F401  (the factors register themselves)
from reliefperf.model.document import load_document
from reliefperf.model.spec import json_schema
from reliefperf.scenarios.library import library_folder

jsonschema = pytest.importorskip("jsonschema")
MODELS = sorted(library_folder("models").glob("*/*.yaml"))
SCENARIOS = sorted(library_folder("scenarios").glob("*.yaml"))


def validator(what: Any) -> Any:
    schema = json_schema(what)
    kind = jsonschema.validators.validator_for(schema)
    kind.check_schema(schema)
    return kind(schema)


def plain(path: Path) -> Any:
    """The document as JSON has it: keys are texts."""
    return json.loads(json.dumps(load_document(path).data))


@pytest.mark.parametrize("path", MODELS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_shipped_model_passes_the_schema(path: Path) -> None:
    errors = [error.message for error in validator("model").iter_errors(plain(path))]
    assert errors == []


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.name)
def test_a_shipped_scenario_passes_the_schema(path: Path) -> None:
    document = plain(path)
    what = next(what for what in ("study", "cascade", "scenario") if what in document)
    errors = [error.message for error in validator(what).iter_errors(document)]
    assert errors == []


BASE = Path(__file__).parent / "base.yaml"


def test_the_base_of_the_tests_passes_the_schema() -> None:
    assert validator("model").is_valid(plain(BASE))


@pytest.mark.parametrize(
    "change",
    [
        {"languge": "en"},
        {"language": "fr"},
        {"variables": {"a": {"unti": "x"}}},
        {"variables": {"a": {"min": "x"}}},
        {"evaluation": {"tree": []}},
        {"allocation": {"pools": {}}},
        {"published": [{"value": 1}]},
    ],
    ids=str,
)
def test_the_schema_refuses_what_the_loader_refuses(change: dict[str, Any]) -> None:
    assert not validator("model").is_valid({"model": "m", **change})


def test_every_field_of_the_schema_that_is_an_expression_takes_numbers_and_texts() -> None:
    schema = json_schema()
    derived = schema["properties"]["derived"]["additionalProperties"]
    plain, titled = derived["oneOf"]
    value = schema["$defs"][titled["$ref"].rpartition("/")[2]]["properties"]["value"]
    assert plain["anyOf"] == value["anyOf"]
    assert {part["type"] for part in plain["anyOf"]} == {"number", "boolean", "string"}


def test_the_schema_is_the_same_every_time() -> None:
    assert json.dumps(json_schema()) == json.dumps(json_schema())
    assert json_schema()["title"] == "reliefperf model"
    assert json_schema("scenario")["title"] == "reliefperf scenario"
