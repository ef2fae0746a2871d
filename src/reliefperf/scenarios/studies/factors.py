"""What can differ between the variants of a study: choices, and draws from a distribution."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import Field, model_validator

from reliefperf.errors import InputError, Mistake, suggestion
from reliefperf.evaluation.sampling import Estimate, random_of
from reliefperf.evaluation.weight_draws import (
    Dirichlet,
    Kind,
    RankOrder,
    SiblingGroup,
    UniformWithin,
    draw_once,
)
from reliefperf.model.document import Path_
from reliefperf.model.environment import Array
from reliefperf.model.model import Model
from reliefperf.model.refusing import refusal
from reliefperf.model.spec_evaluation import EvaluationSpec
from reliefperf.model.spec_study import FACTORS, FactorSpec, Probability

factor = FACTORS.add
FactorMistake = tuple[Path_, str, str]
"""Where in the factor, and what is wrong in English and Chinese."""
ROOT = "evaluation"
"""How a study names the root of the tree, whose children are the nodes at its top."""
NONE = "none"
"""The level that leaves nothing out."""


@dataclass(frozen=True)
class Change:
    """A new value at a path of the model, and where in the factor it stands."""

    path: str
    value: Any
    origin: Path_


@dataclass(frozen=True)
class Level:
    """One choice of a factor: new values in the model, indicators left out, or neither."""

    label: str
    changes: tuple[Change, ...] = ()
    without: frozenset[str] = frozenset()


class ListedFactor(FactorSpec):
    """A factor whose levels are listed; equally likely unless `probabilities` says otherwise."""

    probabilities: list[Probability] | None = Field(
        None, description="of the levels in their order; equal by default"
    )

    def levels(self, model: Model) -> list[Level]:
        """The levels in the order of the file."""
        raise NotImplementedError

    def mistakes(self, model: Model) -> Iterator[FactorMistake]:
        """What the factor says that the model does not have."""
        count = len(self.levels(model))
        if count < 2:
            yield (
                (self.key,),
                f"a factor needs two levels or more, this has {count}",
                f"一个因素至少要有两个水平，这里有 {count} 个",
            )
        if self.probabilities is None:
            return
        total = sum(self.probabilities)
        if len(self.probabilities) != count:
            yield (
                ("probabilities",),
                f"{len(self.probabilities)} probabilities for {count} levels",
                f"{count} 个水平却有 {len(self.probabilities)} 个概率",
            )
        elif abs(total - 1) > 1e-9:
            yield (
                ("probabilities",),
                f"the probabilities add up to {total:g}, not to 1",
                f"概率合计 {total:g}，不等于 1",
            )


@factor("choices")
class Choices(ListedFactor):
    """Named choices, each a set of new values by path; `{}` leaves the model as it stands."""

    choices: dict[str, dict[str, Any]]

    def levels(self, model: Model) -> list[Level]:
        """One level a name."""
        return [
            Level(
                name,
                tuple(Change(at, value, ("choices", name, at)) for at, value in changes.items()),
            )
            for name, changes in self.choices.items()
        ]


@factor("choose")
class Choose(ListedFactor):
    """One path of the model and the values that it takes."""

    choose: str
    among: list[Any] = Field(description="the values")

    def levels(self, model: Model) -> list[Level]:
        """One level a value."""
        return [
            Level(_label(value), (Change(self.choose, value, ("among", place)),))
            for place, value in enumerate(self.among)
        ]


@factor("leave_out")
class LeaveOut(ListedFactor):
    """Indicators, or all below a node, left out one at a time; their weight goes to their siblings.

    `each` is nothing, then every indicator in turn; in a list `none` leaves nothing out.
    """

    leave_out: Literal["each"] | list[str]

    def levels(self, model: Model) -> list[Level]:
        """One level a node."""
        below = indicators_below(model)
        if self.leave_out == "each":
            names = [NONE, *(name for name, inside in below.items() if inside == {name})]
        else:
            names = list(self.leave_out)
        return [Level(name, without=below.get(name, frozenset())) for name in names]

    def mistakes(self, model: Model) -> Iterator[FactorMistake]:
        """Names that are not nodes of the tree."""
        yield from super().mistakes(model)
        if self.leave_out != "each":
            known = [NONE, *indicators_below(model)]
            for place, name in enumerate(self.leave_out):
                if name not in known:
                    yield ("leave_out", place), *no_node(name, known)


class DrawnFactor(FactorSpec):
    """A factor whose levels are draws, each equally likely and made from `seed` and its number.

    In a random design every variant has a draw of its own; elsewhere there are `draws` of them.
    """

    is_drawn: ClassVar[bool] = True

    seed: int = Field(ge=0)
    draws: int = Field(1000, ge=2, le=100_000, description="exact and sobol: how many draws")

    def mistakes(self, model: Model) -> Iterator[FactorMistake]:
        """What the factor says that the model does not have."""
        raise NotImplementedError


@factor("weights")
class PerturbedWeights(DrawnFactor):
    """The weights (or points) of every group's children, moved at random.

    `dirichlet`: a Dirichlet distribution with the weights as its mean; the greater `concentration`,
    the nearer. `uniform`: any weights each within `within` (a part of it) up or down, all as likely.
    `rank_ordered`: any weights at all that keep the order of the weights.
    """

    weights: Literal["dirichlet", "uniform", "rank_ordered"]
    concentration: Annotated[float, Field(ge=1)] | None = None
    within: Annotated[float, Field(gt=0, le=1)] | None = None
    nodes: list[str] | None = Field(
        None, description="only the children of these groups; `evaluation` is the root"
    )

    @model_validator(mode="after")
    def _complete(self) -> PerturbedWeights:
        wanted = {"dirichlet": "concentration", "uniform": "within"}.get(self.weights)
        for name in ("concentration", "within"):
            if (getattr(self, name) is not None) != (name == wanted):
                en = "needs" if name == wanted else "takes no"
                zh = "须写" if name == wanted else "不用"
                raise refusal(
                    f"`weights: {self.weights}` {en} `{name}`",
                    f"weights: {self.weights} {zh} {name}",
                )
        return self

    def mistakes(self, model: Model) -> Iterator[FactorMistake]:
        """Names that are not groups of the tree."""
        groups = [
            ROOT,
            *(name for name, inside in indicators_below(model).items() if inside != {name}),
        ]
        for place, name in enumerate(self.nodes or []):
            if name not in groups:
                yield ("nodes", place), *no_node(name, groups)

    def moved(self, draw: int, node: str, weights: Array) -> Array:
        """One draw of the weights of a node's children, shape (n_children,), parts of one.

        Raises InputError for weights that differ from region to region.
        """
        name = node or ROOT
        if self.nodes is not None and name not in self.nodes:
            return weights
        if weights.ndim != 1:
            raise InputError(
                Mistake.at(
                    f"the weights below '{name}' differ from region to region and cannot be moved",
                    f"“{name}”下级的权重因地区而异，不能扰动",
                )
            )
        shares = weights / weights.sum()
        if shares.size < 2:
            return np.asarray(shares)
        children = tuple(map(str, range(shares.size)))
        seed = f"{self.seed}/{draw}/{name}".encode()[::-1]
        words = np.frombuffer(seed + bytes(4 + -len(seed) % 4), "<u4").astype(np.uint32)
        return draw_once(SiblingGroup(name, children, shares), self._kind(), words)

    def _kind(self) -> Kind:
        if self.weights == "dirichlet":
            assert self.concentration is not None
            return Dirichlet(self.concentration)
        return RankOrder() if self.weights == "rank_ordered" else UniformWithin(self.within)


@factor("redraw")
class Redraw(DrawnFactor):
    """Values estimated from samples, drawn again: what the truth may be, given what was found.

    `all`, or the indicators named; each must state its `sample`. A proportion is drawn from
    Beta(hits + 1/2, misses + 1/2), anything else from a normal distribution.
    """

    redraw: Literal["all"] | list[str]

    def mistakes(self, model: Model) -> Iterator[FactorMistake]:
        """Names that are not indicators with a sample."""
        assert model.spec.evaluation is not None
        known = [node.id for node in model.spec.evaluation.nodes() if node.sample is not None]
        if not known:
            yield (
                ("redraw",),
                "no indicator of the model states its `sample`: there is nothing to draw again",
                "模型中没有指标写明 sample（抽样），无从重抽",
            )
        elif self.redraw != "all":
            for place, name in enumerate(self.redraw):
                if name not in known:
                    en, zh = suggestion(name, known)
                    yield (
                        ("redraw", place),
                        f"'{name}' is not an indicator with a `sample`{en}",
                        f"“{name}”不是写明 sample 的指标{zh}",
                    )

    def drawn(self, draw: int, estimates: Sequence[Estimate]) -> Mapping[str, Array]:
        """The values of one draw by indicator, each of shape (n_regions,)."""
        return {
            estimate.node.id: estimate.draw(random_of(self.seed, draw, estimate.node.id))
            for estimate in estimates
            if self.redraw == "all" or estimate.node.id in self.redraw
        }


def indicators_below(model: Model) -> Mapping[str, frozenset[str]]:
    """The indicators below every node of the tree, in the order of the file; itself for a leaf."""
    spec: EvaluationSpec | None = model.spec.evaluation
    assert spec is not None
    return {
        node.id: frozenset(below.id for below in node.walk() if below.value is not None)
        for node in spec.nodes()
    }


def no_node(name: str, known: Sequence[str]) -> tuple[str, str]:
    """What is said of a name that the tree does not have."""
    en, zh = suggestion(name, known)
    return f"the tree has no '{name}' here{en}", f"评价树中没有“{name}”{zh}"


def _label(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    if isinstance(value, str | int | float):
        return str(value)
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
