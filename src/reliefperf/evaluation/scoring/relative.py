"""Rules that compare a region with the others, or with those of its group."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from reliefperf.errors import Lang
from reliefperf.evaluation.scoring.base import (
    Array,
    Column,
    Environment,
    Given,
    ReasonRow,
    ScoringRule,
    full_sentence,
    keep_missing,
    plain,
    scoring_rule,
)
from reliefperf.model.expressions import Expr
from reliefperf.model.functions import FUNCTIONS
from reliefperf.model.spec_data import expression

Better = Literal["higher", "lower"]


def _across(name: str, x: Array, given: Given, env: Environment, **options: Any) -> Array:
    """An across-region function of the language, within the rule's group."""
    by = given["by"]
    if by is not None:
        options["by"] = by
    return np.asarray(FUNCTIONS[name].run(env, name, [x], options), dtype=float)


class _Relative(ScoringRule):
    """What the relative rules share."""

    by: Expr | None = expression(None, kind="any", description="compare within these groups")

    def _sentence(self, row: ReasonRow, zh: str, en: str, lang: Lang) -> str:
        if row.has_full_marks:
            return full_sentence(row, lang)
        got = plain(row.points)
        return f"{row.shown}，{zh}，得 {got} 分" if lang == "zh" else f"{row.shown}, {en}: {got}"


@scoring_rule("minmax")
class MinMax(_Relative):
    """Nothing for the worst region, full marks for the best, linear between; missing if all equal.

    Source: OECD/JRC Handbook (2008), section on normalisation.
    """

    minmax: Better

    def points(self, x: Column, full: float, given: Given, env: Environment) -> Array:
        """Full marks times the part of the way from worst to best."""
        x = env.full(np.asarray(x, dtype=float))
        part = _across("minmax", x, given, env)
        return keep_missing(full * (part if self.minmax == "higher" else 1 - part), x)

    def reason(self, row: ReasonRow, lang: Lang) -> str:
        """Name the rule."""
        return self._sentence(row, "在组内极差标准化", "between worst and best of the group", lang)


@scoring_rule("zscore")
class ZScore(_Relative):
    """`mean` + `sd` x standard score (n - 1); missing if all are equal.

    Source: OECD/JRC Handbook (2008), section on normalisation.
    """

    zscore: Better
    mean: Expr = expression(lambda: Expr("0"))
    sd: Expr = expression(lambda: Expr("1"))

    @property
    def may_exceed(self) -> bool:
        """Always: a standard score has no limits."""
        return True

    def points(self, x: Column, full: float, given: Given, env: Environment) -> Array:
        """The standard score, moved and stretched."""
        x = env.full(np.asarray(x, dtype=float))
        sign = 1.0 if self.zscore == "higher" else -1.0
        score = _across("zscore", x, given, env)
        return keep_missing(given["mean"] + given["sd"] * sign * score, x)

    def reason(self, row: ReasonRow, lang: Lang) -> str:
        """Name the rule."""
        return self._sentence(row, "按标准分", "as a standard score", lang)


@scoring_rule("rank")
class RankPoints(_Relative):
    """Full marks at rank 1, nothing (or `last`) at the last rank, linear between.

    Source: ranking rows of Chinese tables; rank factors as in the French DSU.
    """

    rank: Better
    last: Expr = expression(lambda: Expr("0"), description="points of the last rank")
    ties: Literal["min", "max", "average", "dense"] = "min"

    def points(self, x: Column, full: float, given: Given, env: Environment) -> Array:
        """Points by rank."""
        x = env.full(np.asarray(x, dtype=float))
        order = "descending" if self.rank == "higher" else "ascending"
        place = _across("rank", x, given, env, order=order, ties=self.ties)
        size = _across("count", (~np.isnan(x)).astype(float), given, env)
        part = np.divide(
            place - 1, size - 1, out=np.zeros(x.shape), where=(size > 1) & ~np.isnan(place)
        )
        return keep_missing(full + part * (given["last"] - full), x)

    def reason(self, row: ReasonRow, lang: Lang) -> str:
        """Name the rule."""
        return self._sentence(row, "按组内名次", "by rank in the group", lang)


@scoring_rule("percentile")
class PercentilePoints(_Relative):
    """Full marks x (place from the worst end, ties at the lower place) / number of regions.

    Source: OECD/JRC Handbook (2008), section on normalisation.
    """

    percentile: Better

    def points(self, x: Column, full: float, given: Given, env: Environment) -> Array:
        """Points by percentile."""
        x = env.full(np.asarray(x, dtype=float))
        signed = x if self.percentile == "higher" else -x
        return keep_missing(full * _across("percentile", signed, given, env) / 100, x)

    def reason(self, row: ReasonRow, lang: Lang) -> str:
        """Name the rule."""
        return self._sentence(row, "按组内百分位", "by percentile in the group", lang)
