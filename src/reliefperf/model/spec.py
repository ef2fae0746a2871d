"""The whole of a model file as frozen types; `json_schema()` is made from them for editors."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Discriminator, Field, Tag

from reliefperf.errors import Lang
from reliefperf.model.expressions import Expr
from reliefperf.model.fractions import Number
from reliefperf.model.numbers import Rounding
from reliefperf.model.spec_allocation import AllocationSpec
from reliefperf.model.spec_cascade import CascadeSpec
from reliefperf.model.spec_data import (
    DataSpec,
    Derived,
    DerivedColumn,
    RegionsSpec,
    Spec,
    Text,
    Variable,
    expression,
)
from reliefperf.model.spec_evaluation import EvaluationSpec
from reliefperf.model.spec_rulebook import FindingsSpec
from reliefperf.model.spec_study import StudySpec
from reliefperf.model.spec_tables import TableSpec


class DatedParameter(Spec):
    """A number that holds from a date on, with what it rests on.

    The keys of `values` are years (2015), months (2011-11) or days (2024-12-23).
    """

    values: dict[str | int, Number] = Field(min_length=1)
    title: Text | None = None
    unit: str = ""
    basis: Text | None = None
    note: Text | None = None


class PlainParameter(Spec):
    """One number with what it rests on."""

    value: float | str
    title: Text | None = None
    unit: str = ""
    basis: Text | None = None
    note: Text | None = None


def _form(value: Any) -> str:
    """Which form of parameter is meant; a mapping without words of its own is one of dates."""
    if isinstance(value, BaseModel):
        return "dated" if isinstance(value, DatedParameter) else "plain"
    if not isinstance(value, dict):
        return "text" if isinstance(value, str) else "number"
    words = {*PlainParameter.model_fields, *DatedParameter.model_fields}
    if any(str(key)[:1].isalpha() for key in value) or words & value.keys():
        return "dated" if "values" in value else "plain"
    return "dates"


Parameter = Annotated[
    Annotated[float, Tag("number")]
    | Annotated[str, Tag("text")]
    | Annotated[PlainParameter, Tag("plain")]
    | Annotated[DatedParameter, Tag("dated")]
    | Annotated[dict[str | int, Number], Field(min_length=1), Tag("dates")],
    Discriminator(_form),
]


class Expected(Spec):
    """How many regions a check must find equal, different and missing."""

    match: int | None = None
    differ: int = 0
    missing: int = 0


class PublishedCheck(Spec):
    """A comparison of results with published figures."""

    id: str
    title: Text | None = None
    source: Text | None = None
    note: Text | None = None
    value: Expr = expression(
        kind="any", description="what was computed: score, grade, rank, a node, a pool, amount"
    )
    column: str | None = Field(None, description="heading of the published figures")
    file: str | None = Field(None, description="their file, if not the data file")
    region: str | None = Field(None, description="heading of the region codes in that file")
    equals: float | str | None = Field(None, description="or one published figure")
    period: str | None = None
    decimals: int | None = Field(None, ge=0, le=12, description="round before comparing")
    rounding: Rounding = "half_up"
    tolerance: float = Field(0.0, ge=0)
    expect: Expected = Field(default_factory=Expected)


class ModelSpec(Spec):
    """A model: all sections optional but `model`."""

    model: Annotated[str, Field(pattern=r"^[\w][\w.\-]*$", max_length=80)]
    title: Text | None = None
    basis: Text | None = None
    source: Text | None = None
    note: Text | None = None
    language: Lang = Field("zh", description="language of reasons and reports")
    date: str | int | None = Field(None, description="date of dated parameters, if not the period")
    regions: RegionsSpec | None = None
    data: DataSpec = Field(default_factory=DataSpec)
    variables: dict[str, Variable] = Field(default_factory=dict)
    parameters: dict[str, Parameter] = Field(default_factory=dict)
    tables: dict[str, TableSpec] = Field(default_factory=dict)
    derived: dict[str, Derived] = Field(default_factory=dict)
    findings: FindingsSpec | None = Field(None, description="a table of cases")
    evaluation: EvaluationSpec | None = None
    allocation: AllocationSpec | None = None
    published: list[PublishedCheck] = Field(default_factory=list)

    @property
    def derived_exprs(self) -> dict[str, Expr]:
        """The expressions of the derived columns by name, in the order of the file."""
        return {
            name: one.value if isinstance(one, DerivedColumn) else one
            for name, one in self.derived.items()
        }


class ScenarioSpec(Spec):
    """A model, other data if wanted, and overrides by path."""

    scenario: Annotated[str, Field(pattern=r"^[\w][\w.\-]*$", max_length=80)]
    title: Text | None = None
    note: Text | None = None
    model: str = Field(
        description="a folder or file beside the scenario, or a shipped model's name"
    )
    data: str | None = None
    set: dict[str, Any] = Field(default_factory=dict, description="path in the model: new value")


def json_schema(
    what: Literal["model", "scenario", "study", "cascade"] = "model",
) -> dict[str, Any]:
    """The JSON Schema of model, scenario, study or cascade files."""
    specs: dict[str, type[Spec]] = {
        "model": ModelSpec,
        "scenario": ScenarioSpec,
        "study": StudySpec,
        "cascade": CascadeSpec,
    }
    spec = specs[what]
    schema = spec.model_json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = f"reliefperf {what}"
    return schema
