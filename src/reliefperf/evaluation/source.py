"""Where the values of the indicators come from: expressions, given values, or treatment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reliefperf.evaluation.siblings import Mask
from reliefperf.evaluation.treatment.treating import Treated
from reliefperf.model.environment import Column, Environment
from reliefperf.model.model import Model
from reliefperf.model.spec_evaluation import NodeSpec


@dataclass(frozen=True)
class Source:
    """Gives the values of indicators; those `given` stand in place of what their expression says.

    Where there was treatment, the values are those after it.
    """

    model: Model
    env: Environment
    given: Mapping[str, Column]
    treated: Treated | None = None
    without: frozenset[str] = frozenset()

    def value_of(self, node: NodeSpec) -> Column:
        """The values of an indicator, shape (n_regions,)."""
        if self.treated is not None:
            after = self.treated.value_of(node.id)
            if after is not None:
                return after
        if node.id in self.given:
            return self.given[node.id]
        assert node.value is not None
        return self.model.compiled(node.value).full(self.env)

    def is_out(self, indicator: str) -> bool:
        """Whether the indicator is left out, or screening took it out."""
        screened = self.treated is not None and indicator in self.treated.indicators_out
        return screened or indicator in self.without

    @property
    def regions_out(self) -> Mask | None:
        """Where screening took regions out; None where there was no treatment."""
        return self.treated.regions_out if self.treated is not None else None
