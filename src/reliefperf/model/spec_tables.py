"""What a model says of its tables: steps, lines and look-ups, inline or from a CSV file."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Strict, Tag, model_validator

from reliefperf.model.fractions import Number
from reliefperf.model.refusing import refusal
from reliefperf.model.spec_data import Spec, Text
from reliefperf.model.tables import Outside

Pairs = list[Annotated[tuple[Number, float | str], Strict(False)]]


class FromFile(Spec):
    """Rows of a CSV file beside the model."""

    file: str
    limit: str | None = Field(None, description="steps, lines: heading of the limits")
    keys: list[str] = Field(default_factory=list, description="look-ups: headings of the keys")
    gives: str = Field(description="heading of the result")
    where: dict[str, str] = Field(default_factory=dict, description="only rows with these values")
    text_keys: bool = Field(True, description="look-ups: keys are texts (False: numbers)")


class StepsSpec(Spec):
    """Values by interval; the key says which end of each interval belongs to it."""

    at_least: Pairs | FromFile | None = None
    above: Pairs | FromFile | None = None
    at_most: Pairs | FromFile | None = None
    below: Pairs | FromFile | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> StepsSpec:
        given = [name for name in ("at_least", "above", "at_most", "below") if getattr(self, name)]
        if len(given) != 1:
            raise refusal(
                "exactly one of at_least, above, at_most, below says how the steps are read",
                "at_least、above、at_most、below 须且只能写一个",
            )
        return self

    @property
    def ends(self) -> Literal["at_least", "above", "at_most", "below"]:
        """Which reading was chosen."""
        for name in ("at_least", "above", "at_most", "below"):
            if getattr(self, name) is not None:
                return name
        raise AssertionError

    @property
    def rows(self) -> Pairs | FromFile:
        """The steps, or where they stand."""
        rows: Pairs | FromFile = getattr(self, self.ends)
        return rows


def _source(value: Any) -> str:
    """Whether a look-up stands in the model or in a file: `{file: .., gives: ..}` is a file."""
    is_file = isinstance(value, FromFile) or (
        isinstance(value, dict) and {"file", "gives"} <= value.keys()
    )
    return "file" if is_file else "inline"


Lookup = Annotated[
    Annotated[dict[str | float, float | str], Tag("inline")] | Annotated[FromFile, Tag("file")],
    Discriminator(_source),
]


class TableSpec(Spec):
    """One table: `steps`, `piecewise` or `lookup`."""

    title: Text | None = None
    basis: Text | None = None
    note: Text | None = None
    steps: StepsSpec | None = None
    piecewise: list[Annotated[tuple[Number, Number], Strict(False)]] | FromFile | None = None
    outside: Outside = Field(
        "clamp", description="piecewise: what holds beyond the first and last point"
    )
    lookup: Lookup | None = None
    otherwise: float | str | Literal["missing"] = Field(
        "missing", description="steps, look-ups: the value where nothing matches"
    )

    @model_validator(mode="after")
    def _one_kind(self) -> TableSpec:
        if sum(part is not None for part in (self.steps, self.piecewise, self.lookup)) != 1:
            raise refusal(
                "a table is exactly one of steps, piecewise, lookup",
                "一张表须且只能是 steps、piecewise、lookup 之一",
            )
        return self
