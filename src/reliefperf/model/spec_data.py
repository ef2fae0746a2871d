"""What a model says of its data: the file, the regions and the variables."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator

from reliefperf.errors import Lang
from reliefperf.model.expressions import Expr
from reliefperf.model.refusing import refusal

PARTS = ("self", "verified", "final")
"""What one variable can have a column for: the self-reported, the verified and the final value."""
Take = Literal[
    "self",
    "verified",
    "final",
    "verified_else_self",
    "final_else_self",
    "final_else_verified",
    "final_else_verified_else_self",
]
"""Which of them counts, and what stands in where it is empty."""

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

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True)


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
    self: str | None = Field(None, description="heading of the self-reported value")
    verified: str | None = Field(None, description="heading of the verified value")
    final: str | None = Field(None, description="heading of the final value")
    take: Take | None = Field(
        None, description="which of them counts; `final` if there is such a column, else stated"
    )
    note: Text | None = None

    @property
    def has_parts(self) -> bool:
        """Whether the variable has columns for self-reported, verified and final values."""
        return any(getattr(self, part) is not None for part in PARTS)

    @property
    def chain(self) -> tuple[str, ...]:
        """The parts that count, each where those before it are empty."""
        return tuple((self.take or "final").split("_else_"))

    @model_validator(mode="after")
    def _parts_agree(self) -> Variable:
        given = [part for part in PARTS if getattr(self, part) is not None]
        en = zh = ""
        if not given:
            if self.take is not None:
                en = "`take` says which of the columns self, verified, final counts: name them"
                zh = "take 说明 self、verified、final 哪一列算数：请写出这些列"
        elif len(given) == 1:
            en = f"`{given[0]}` alone is no comparison: name at least two of self, verified, final"
            zh = f"只有 {given[0]} 无从比较：self、verified、final 至少写两个"
        elif self.column is not None:
            en = "`column` and `self`, `verified`, `final` do not go together"
            zh = "column 不能与 self、verified、final 同时出现"
        elif self.final is None and self.take is None:
            en = "there is no `final` column: say with `take` which value counts, such as "
            en += "verified_else_self"
            zh = "没有 final 列：请用 take 写明以哪个值为准，例如 verified_else_self"
        else:
            lacking = [part for part in self.chain if part not in given]
            if lacking:
                en = f"`take: {self.take}` needs a column `{lacking[0]}`"
                zh = f"take: {self.take} 需要 {lacking[0]} 列"
        if en:
            raise refusal(en, zh)
        return self


class DerivedColumn(Spec):
    """A column computed from others, with its title."""

    value: Expr = expression(kind="any")
    title: Text | None = None
    unit: str = ""
    basis: Text | None = None
    note: Text | None = None


def _derived_form(value: Any) -> str:
    """Whether a derived column is an expression alone."""
    return "titled" if isinstance(value, DerivedColumn | dict) else "plain"


Derived = Annotated[
    Annotated[Expr, Tag("plain")] | Annotated[DerivedColumn, Tag("titled")],
    Discriminator(_derived_form),
]


class DataSpec(Spec):
    """Where the data stand and how they are laid out."""

    file: str | None = Field(None, description="path relative to the model file; CSV or XLSX")
    sheet: str | None = None
    encoding: str | None = None
    decimal: Literal["point", "comma"] = Field(
        "point", description="what stands before decimals; with comma, points part thousands"
    )
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
