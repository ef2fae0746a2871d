"""What a model says of its data: the file, the regions and the variables."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from reliefperf.errors import Lang

Text = str | dict[Lang, str]
"""A title or note: one text, or one a language."""


def in_language(text: Text | None, lang: Lang, default: str = "") -> str:
    """The text in `lang`, else in the other language, else `default`."""
    if text is None:
        return default
    if isinstance(text, str):
        return text
    return text.get(lang) or next(iter(text.values()), default)


class Spec(BaseModel):
    """The base of everything a model file can say: frozen, and nothing unknown passes."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def expression(
    default: Any = ...,
    *,
    kind: Literal["number", "bool", "any"] = "number",
    constant: bool = False,
    description: str | None = None,
) -> Any:
    """A field that holds an expression: what it must give, and whether it may differ by region."""
    meaning: dict[str, Any] = {"kind": kind, "constant": constant}
    if callable(default):
        return Field(
            default_factory=default,
            description=description,
            json_schema_extra={"expression": meaning},
        )
    return Field(default, description=description, json_schema_extra={"expression": meaning})


class Variable(Spec):
    """One column that regions report."""

    title: Text | None = None
    unit: str = ""
    column: str | None = Field(None, description="heading in the file, if not the variable's name")
    type: Literal["number", "integer", "text", "boolean"] = "number"
    min: float | None = None
    max: float | None = None
    values: list[str | float] | None = Field(None, description="the only values allowed")
    missing: Literal["keep", "error", "zero"] = Field(
        "keep", description="an empty cell stays missing, is an error, or counts as 0 (reported)"
    )
    absent: Literal["error", "missing"] = Field(
        "error", description="what a file without this column means"
    )
    percent: Literal["number", "fraction"] = Field(
        "number", description="how a cell such as 85% is read: 85, or 0.85"
    )
    note: Text | None = None


class DataSpec(Spec):
    """Where the data stand and how they are laid out."""

    file: str | None = Field(None, description="path relative to the model file; CSV or XLSX")
    sheet: str | None = None
    encoding: str | None = None
    layout: Literal["wide", "long"] = "wide"
    region: str = Field("region", description="heading of the column with region codes")
    name: str | None = Field("name", description="heading of the column with region names")
    period: str | None = Field(None, description="heading of the period column, if a panel")
    variable: str = Field("variable", description="long layout: heading of the variables' names")
    value: str = Field("value", description="long layout: heading of the values")
    ignore: list[str] | Literal["unknown"] = Field(
        default_factory=list,
        description="headings that the model does not use, or 'unknown' for all such (reported)",
    )
    synthetic: Text | None = Field(None, description="set when the data are made up: says how")
    source: Text | None = None


class RegionsSpec(Spec):
    """Where the names, parents and levels of regions come from.

    `table: gb2260` takes the built-in table of Chinese divisions in the given year; another value
    is a CSV file beside the model with columns code, name, parent, level (the last two optional).
    Without this section the codes and names of the data file are all there is.
    """

    table: str = "gb2260"
    year: Annotated[int, Field(ge=1980, le=2100)] | None = None
    level: str | None = Field(None, description="the level the data must be at, e.g. county")
