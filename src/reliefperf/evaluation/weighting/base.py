"""What a method of weighting is: fields that are its schema, and weights for a node's children."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from reliefperf.evaluation.scoring.base import Literal_, RuleMistake
from reliefperf.evaluation.siblings import Siblings
from reliefperf.model.environment import Array
from reliefperf.model.spec_evaluation import WEIGHTINGS, WeightingSpec

weighting = WEIGHTINGS.add


@dataclass(frozen=True)
class Weights:
    """The weights of a node's children, shape (n_children,) or (n_children, n_regions).

    `facts` is what is worth knowing of how they came about (a consistency ratio, the variance
    explained), by name. `absolute` weights are used as they are; others as parts of their sum.
    """

    values: Array
    facts: Mapping[str, float | str] = field(default_factory=dict)
    absolute: bool = False


class Weighting(WeightingSpec):
    """The base of everything that `weights` can name."""

    def mistakes(self, ids: Sequence[str], number: Literal_) -> Iterator[RuleMistake]:
        """What the numbers written in the method cannot be, given the ids of the children."""
        yield from ()

    def weights(self, children: Siblings) -> Weights:
        """The weights; raises InputError, made by `children.refuse`, where there are none."""
        raise NotImplementedError
