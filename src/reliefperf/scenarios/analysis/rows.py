"""What an analysis consists of: rows on indicators, pairs of them, nodes, and what matters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from reliefperf.errors import InputError, Mistake
from reliefperf.evaluation.analysis import (
    Adequacy,
    Components,
    Method,
    Reliability,
    Statistics,
)

Stage = Literal["raw", "treated", "points"]
STAGE_WORDS: dict[Stage, str] = {"raw": "原值", "treated": "处理后", "points": "得分"}
"""The stages in Chinese."""
STAGES: tuple[Stage, ...] = get_args(Stage)
SCORE = "score"
"""What the top of the whole tree is called."""


@dataclass(frozen=True)
class Limits:
    """From where on something is flagged. All are customs, none a test.

    `collinear`, `negative` and `weak` are correlations; COINr draws the line at 0.9, -0.4 and 0.3.
    The others are COINr's: outliers where the skewness (either way) and the kurtosis both reach
    theirs (not looked for in points, nor in a value of two kinds), a share of known values below `available`, of zeros above `zeros`. `same` is the
    share of regions with one and the same value.
    """

    collinear: float = 0.92
    negative: float = -0.4
    weak: float = 0.3
    skewness: float = 2.0
    kurtosis: float = 3.5
    available: float = 0.65
    zeros: float = 0.5
    same: float = 0.5

    def __post_init__(self) -> None:
        for name, value in (
            ("collinear", self.collinear),
            ("negative", -self.negative),
            ("weak", self.weak),
        ):
            if not 0 <= value <= 1:
                low, high = (-1, 0) if name == "negative" else (0, 1)
                given = -value if name == "negative" else value
                raise InputError(
                    Mistake.at(
                        f"the limit `{name}` is a correlation from {low} to {high}, not {given:g}",
                        f"界限 {name} 是相关系数，须在 {low} 到 {high} 之间，而不是 {given:g}",
                    )
                )


@dataclass(frozen=True)
class IndicatorRow:
    """One indicator at one stage. `direction` is 1, -1, or 0 where it is not clear."""

    stage: Stage
    indicator: str
    node: str
    direction: int
    statistics: Statistics
    flags: tuple[str, ...]


@dataclass(frozen=True)
class Pair:
    """A correlation of two nodes.

    `relation` is `siblings` (of one node), `across` (indicators of two nodes), `parent` or
    `ancestor` (the second is above the first); `flag` is `collinear`, `negative`, `weak` or ''.
    """

    stage: Stage
    method: Method
    first: str
    second: str
    relation: str
    r: float
    n: int
    p: float
    flag: str


@dataclass(frozen=True)
class NodeRow:
    """Alpha and principal components of what stands below a node, over `n` complete regions.

    `of` says what the items are: the node's `children`, or all `indicators` below it.
    """

    stage: Stage
    node: str
    of: str
    items: tuple[str, ...]
    n: int
    raw: Reliability
    standardised: Reliability
    components: Components
    adequacy: Adequacy


@dataclass(frozen=True)
class Matter:
    """What an indicator's weight promises and what it does, as parts of one.

    `squared_r` is the squared correlation with the top, `importance` the share of the top's
    variance that the indicator alone accounts for, and `share` that as a part of all of them.
    """

    indicator: str
    weight: float
    squared_r: float
    importance: float
    share: float
