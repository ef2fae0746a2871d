"""What a study file says: a model or scenario, factors, a design, and what is looked at."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, model_validator

from reliefperf.model.refusing import refusal
from reliefperf.model.registry import Picked, Register, RuleSpec
from reliefperf.model.spec_data import Spec, Text

Output = Literal["mean_rank_shift", "score", "rank", "grade", "amount"]
DEFAULT_OUTPUTS: list[Output] = ["mean_rank_shift"]
Probability = Annotated[float, Field(gt=0, le=1)]


class FactorSpec(RuleSpec):
    """What every factor of a study states."""

    is_drawn: ClassVar[bool] = False
    """Whether the levels are draws from a distribution, not choices listed in the file."""

    title: Text | None = None
    note: Text | None = None


FACTORS: Register[FactorSpec] = Register("factor", "因素")
"""Every kind of factor by its key."""

Factor = Annotated[FactorSpec, Picked(FACTORS)]


class Design(Spec):
    """Which variants are computed.

    `exact`: every combination of levels. `sobol`: n x (factors + 2) quasi-random variants.
    `random`: n variants, each level drawn by its probability.
    """

    method: Literal["exact", "sobol", "random"] = "exact"
    n: int | None = Field(None, ge=2, le=1_000_000)
    seed: int | None = Field(None, ge=0)
    limit: int = Field(10_000, ge=1, description="exact: at most so many variants")
    failures: Literal["refuse", "completed"] = Field(
        "refuse", description="indices where variants failed: none, or of those that did not"
    )

    @model_validator(mode="after")
    def _complete(self) -> Design:
        if self.method == "exact":
            if self.n is not None or self.seed is not None:
                raise refusal(
                    "an exact design takes every combination: `n` and `seed` say nothing",
                    "exact 设计穷举全部组合，不用 n 和 seed",
                )
        elif self.n is None or self.seed is None:
            raise refusal(
                f"a {self.method} design needs `n` and `seed`", f"{self.method} 设计须写 n 和 seed"
            )
        elif self.method == "sobol" and self.n & (self.n - 1):
            raise refusal(
                f"a Sobol design needs a power of two, such as {1 << self.n.bit_length()}, not {self.n}",
                f"sobol 设计的 n 须为 2 的幂（如 {1 << self.n.bit_length()}），这里是 {self.n}",
            )
        return self


class Reversals(Spec):
    """Which regions are left out in turn, to count the pairs of others that change places."""

    regions: list[str] | None = Field(None, description="codes; every region by default")


class StudySpec(Spec):
    """A study of how far scores, ranks, grades and money depend on choices and on chance."""

    study: Annotated[str, Field(pattern=r"^[\w][\w.\-]*$", max_length=80)]
    title: Text | None = None
    note: Text | None = None
    model: str = Field(
        description="a model or scenario: a folder or file beside the study, or a shipped name"
    )
    data: str | None = None
    set: dict[str, Any] = Field(
        default_factory=dict, description="path in the model: new value, in every variant"
    )
    period: str | None = Field(None, description="period of a panel; the last by default")
    factors: dict[str, Factor] = Field(min_length=1, max_length=20)
    design: Design = Field(default_factory=Design)
    outputs: list[Output] = Field(
        default_factory=DEFAULT_OUTPUTS.copy,
        min_length=1,
        description="what has sensitivity indices; with `amount` money is allocated as well",
    )
    sure: float = Field(
        0.95, gt=0, le=1, description="a grade held by a smaller share of variants is within reach"
    )
    reversals: Reversals | bool = False
