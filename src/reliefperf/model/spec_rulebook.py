"""What a model says of the rule book: findings and their consequences, and decisions by hand."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from reliefperf.errors import Lang
from reliefperf.model.expressions import Expr
from reliefperf.model.refusing import refusal
from reliefperf.model.spec_data import Spec, Text, expression, in_language

Status = Literal["substantiated", "unsubstantiated", "pending", "all"]
"""Which findings are counted; `pending` are those of which nothing is said yet."""
STATUSES: tuple[Status, ...] = ("substantiated", "unsubstantiated", "pending", "all")

Effect = Literal["criticism", "summons", "cap_grade", "veto", "ineligible", "deduct"]
MOVING: tuple[Effect, ...] = ("deduct", "cap_grade", "veto")
"""Effects on the score or the grade; the others are recorded after the grades are known."""


class _TableFile(Spec):
    """A table beside the model: its file, and the headings that the model does not use."""

    file: str = Field(description="path relative to the model file; CSV or XLSX")
    sheet: str | None = None
    encoding: str | None = None
    region: str = Field("region", description="heading of the region codes")
    ignore: list[str] | Literal["unknown"] = Field(
        default_factory=list,
        description="headings that are not used, or 'unknown' for all such (reported)",
    )


class FindingsSpec(_TableFile):
    """A table of cases: one row says what was found in a region, when, and whether it holds."""

    kinds: list[str] | dict[str, Text] = Field(
        min_length=1, description="the kinds of findings there are, with titles if wanted"
    )
    kind: str = Field("kind", description="heading of the kind")
    date: str = Field("date", description="heading of the date")
    period: str | None = Field(
        None, description="heading of the period, if it is not to follow from the date"
    )
    substantiated: str = Field("substantiated", description="heading of yes or no; empty: pending")
    source: str = Field("source", description="heading of where the finding comes from")
    text: str | None = Field(None, description="heading of a text on the case")

    @property
    def kind_names(self) -> tuple[str, ...]:
        """The kinds in the order of the model."""
        return tuple(self.kinds)

    def title_of(self, kind: str, lang: Lang) -> str:
        """The title of a kind, or its name where it has none."""
        return in_language(self.kinds[kind], lang, kind) if isinstance(self.kinds, dict) else kind


class Consequence(Spec):
    """What follows from findings, or from anything else that an expression can say."""

    id: Annotated[str, Field(min_length=1, max_length=80)]
    title: Text | None = None
    basis: Text | None = Field(None, description="the published rule, or 'modeller's choice'")
    responsible: Text | None = Field(None, description="the unit that carries it out")
    note: Text | None = None
    when: Expr = expression(kind="bool")
    effect: Effect
    grade: str | None = Field(None, description="cap_grade: no better grade than this")
    points: Expr | None = expression(None, description="deduct: how many points")
    pools: list[str] = Field(
        default_factory=list, description="ineligible: the pools that the region has no part in"
    )

    @model_validator(mode="after")
    def _fits_effect(self) -> Consequence:
        for key, given, effect in (
            ("grade", self.grade is not None, "cap_grade"),
            ("points", self.points is not None, "deduct"),
        ):
            if given != (self.effect == effect):
                raise refusal(
                    f"consequence '{self.id}': `effect: {effect}` and `{key}` go together",
                    f"问责“{self.id}”：effect: {effect} 与 {key} 必须同时出现",
                )
        if self.pools and self.effect != "ineligible":
            raise refusal(
                f"consequence '{self.id}': `pools` belong to `effect: ineligible`",
                f"问责“{self.id}”：pools 只能与 effect: ineligible 同用",
            )
        return self

    @property
    def moves(self) -> bool:
        """Whether the score or the grade follows from it."""
        return self.effect in MOVING


class DecisionsSpec(_TableFile):
    """A table of adjustments by hand: one row changes points, or corrects a reported value."""

    period: str = Field("period", description="heading of the period, where the data have periods")
    target: str = Field("target", description="heading: an indicator, `score`, or a variable")
    change: str = Field("change", description="heading of the points added or taken away")
    value: str = Field("value", description="heading of the corrected value of a variable")
    reason: str = "reason"
    decided_by: str = Field("decided_by", description="heading of the unit or post that decided")
    date: str = "date"
    beyond_full: Literal["hold", "allow"] = Field(
        "hold", description="points above full marks or below zero: held (reported), or allowed"
    )


def findings_key(kind: str | None = None, status: str = "substantiated") -> str:
    """The column that holds the number of findings.

    >>> findings_key("falsified"), findings_key(None, "all")
    ("findings('falsified')", "findings('', 'all')")
    """
    more = "" if status == "substantiated" else f", '{status}'"
    return f"findings('{kind or ''}'{more})"


def consequence_key(consequence_id: str) -> str:
    """The column that says where a consequence applies."""
    return f"consequence('{consequence_id}')"


def part_key(function: str, name: str) -> str:
    """The column of a reported part of a variable, or of an indicator's claimed points.

    >>> part_key("self", "visited")
    'self(visited)'
    """
    return f"{function}({name})"
