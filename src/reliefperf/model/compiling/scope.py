"""What names mean where an expression stands, and what an expression becomes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from reliefperf.model.environment import Column, Environment, Kind
from reliefperf.model.expressions import Expr
from reliefperf.model.operations import Evaluate
from reliefperf.model.tables import Table

MISSING = "missing"
"""The name of the missing value in expressions."""
KIND_WORDS = {
    "number": ("a number", "数值"),
    "bool": ("a condition", "条件"),
    "text": ("a text", "文本"),
}

LOOKED_UP = ("self", "verified", "claimed", "findings", "consequence")
"""Functions that name a column of the rule book: `self(visited)`, `findings('falsified')`."""
LANGUAGE = ("previous", *LOOKED_UP)
"""What is called like a function and is none."""
NOTHING = np.asarray(np.nan)
"""The value of what has none."""


@dataclass(frozen=True)
class Scope:
    """What names mean where an expression stands.

    `later` names things that exist but are not known yet at this stage, with the reason;
    `later_kinds` what they are once known (numbers unless said). `lost` names things whose own
    definition is wrong (with `all_lost` every unknown name may be one): no more is said of those.
    """

    kinds: Mapping[str, Kind]
    tables: Mapping[str, Table]
    constants: frozenset[str] = frozenset()
    later: Mapping[str, tuple[str, str]] | None = None
    later_kinds: Mapping[str, Kind] | None = None
    lost: frozenset[str] = frozenset()
    all_lost: bool = False
    values: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """The only texts that a name can be, where the model lists them."""
    headings: Mapping[str, str] = field(default_factory=dict)
    """Names of what stands in the file under another heading."""

    def is_lost(self, name: str) -> bool:
        """Whether nothing is to be said of an unknown name."""
        return self.all_lost or name in self.lost


@dataclass(frozen=True)
class Compiled:
    """An expression ready to be computed: its kind and its function."""

    expr: Expr
    kind: Kind
    run: Evaluate

    def __call__(self, env: Environment) -> Column:
        """The value over the regions of `env`, shape (n_regions,) or ()."""
        return self.run(env)

    def full(self, env: Environment) -> Column:
        """The value as shape (n_regions,)."""
        return env.full(self.run(env))
