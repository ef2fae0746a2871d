"""What a cascade file says: the levels from the top down, each with a model of its own."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from reliefperf.model.refusing import refusal
from reliefperf.model.spec_data import Spec, Text

RECEIVED = "received"
"""What a level's model calls the money of the region above; `received_POOL` is that of one pool."""


def received_name(pool: str | None = None) -> str:
    """The name of what was received in total, or from a pool of the level above."""
    return RECEIVED if pool is None else f"{RECEIVED}_{pool}"


class WeightedMean(Spec):
    """The mean over the regions below, each weighted by a variable of theirs."""

    mean: str = Field(description="the variable that is the weight")


RollUp = Literal["total", "mean", "count"] | WeightedMean


class LevelSpec(Spec):
    """One level: who shares the money that the level above got, and by which rules."""

    id: Annotated[str, Field(pattern=r"^[^\s/\\.][^\s/\\]*$", max_length=40)]
    title: Text | None = None
    note: Text | None = None
    model: str = Field(
        description="a model or scenario: a folder or file beside the cascade, or a shipped name"
    )
    set: dict[str, Any] = Field(default_factory=dict, description="path in the model: new value")
    data: str | None = Field(None, description="data in place of the model's")
    roll_up: dict[str, RollUp] | None = Field(
        None, description="data from the level below: variable: total, mean, {mean: weight}, count"
    )
    parent: str | None = Field(
        None, description="text variable with the code of the region above, if no table says it"
    )
    receives: Literal["pools", "total"] = Field(
        "pools",
        description="each pool shares what the region above got from the pool of the same id, or "
        "the pools of this level share its total",
    )
    without_children: Literal["error", "keep"] = Field(
        "error", description="a region above with nobody below it here: an error, or it keeps all"
    )

    @model_validator(mode="after")
    def _one_source(self) -> LevelSpec:
        if self.data is not None and self.roll_up is not None:
            raise refusal(
                "a level has either `data` of its own or `roll_up` from the level below",
                "一级的数据或取自 data，或由下一级汇总（roll_up），只能写一个",
            )
        return self


class CascadeSpec(Spec):
    """Money that goes down level by level, each with its own rules, all adding up."""

    cascade: Annotated[str, Field(pattern=r"^[\w][\w.\-]*$", max_length=80)]
    title: Text | None = None
    basis: Text | None = None
    note: Text | None = None
    levels: list[LevelSpec] = Field(min_length=2, max_length=8)
