"""The tables of an analysis: header and rows, for files and for data frames.

Numbers in files have ten significant digits: more would be binary noise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from reliefperf.evaluation.analysis import Statistics
from reliefperf.scenarios.analysis.analysing import Analysis

if TYPE_CHECKING:
    import pandas as pd

Value = str | int | float | None
Line = tuple[Value, ...]
Table = tuple[list[str], Iterator[Line]]
DIGITS = 10


def tables(analysis: Analysis) -> dict[str, Table]:
    """Every table by name, as header and rows."""
    return {name: (header, rows(analysis)) for name, (header, rows) in _TABLES.items()}


def frame(analysis: Analysis, name: str) -> pd.DataFrame:
    """One table as a data frame; raises KeyError for a name that is none."""
    import pandas as pd

    header, rows = _TABLES[name]
    return pd.DataFrame([list(row) for row in rows(analysis)], columns=header)


def cell(value: Value) -> str:
    """A value as it stands in a file: empty where missing, an exponent below a millionth."""
    if value is None or value != value:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return str(value)
    if 0 < abs(value) < 1e-6:
        return f"{value:.{DIGITS - 1}e}"
    text = format(Decimal(f"{value:.{DIGITS - 1}e}"), "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def _even(value: float) -> float:
    """A correlation or share without binary noise: a zero is zero."""
    return round(value, 12)


_STATISTICS = [
    *("n", "missing", "min", "max", "mean", "median", "sd", "skewness", "kurtosis"),
    *("zeros", "same", "distinct", "constant"),
]


def _statistics(found: Statistics) -> Line:
    return (
        found.n,
        found.missing,
        found.minimum,
        found.maximum,
        found.mean,
        found.median,
        found.sd,
        found.skewness,
        found.kurtosis,
        found.zeros,
        found.same,
        found.distinct,
        "yes" if found.constant else "no",
    )


def _indicators(analysis: Analysis) -> Iterator[Line]:
    for row in analysis.indicators:
        lead = (row.stage, row.indicator, row.node, row.direction)
        yield (*lead, *_statistics(row.statistics), " ".join(row.flags))


def _correlations(analysis: Analysis) -> Iterator[Line]:
    for pair in analysis.pairs:
        lead = (pair.stage, pair.method, pair.first, pair.second, pair.relation)
        yield (*lead, _even(pair.r), pair.n, pair.p, pair.flag)


def _alpha(analysis: Analysis) -> Iterator[Line]:
    for node in analysis.nodes:
        lead = (node.stage, node.node, node.of)
        both = _even(node.raw.alpha), _even(node.standardised.alpha)
        yield (*lead, "", node.n, *both, None, None)
        for place, item in enumerate(node.items):
            yield (
                *lead,
                item,
                node.n,
                _even(float(node.raw.without[place])),
                _even(float(node.standardised.without[place])),
                _even(float(node.raw.item_rest[place])),
                _even(float(node.standardised.item_rest[place])),
            )


def _nodes(analysis: Analysis) -> Iterator[Line]:
    for node in analysis.nodes:
        fit = node.adequacy
        yield (
            node.stage,
            node.node,
            node.of,
            len(node.items),
            node.n,
            _even(node.raw.alpha),
            _even(node.standardised.alpha),
            node.components.above_one,
            _even(float(node.components.shares[0])),
            fit.kmo,
            fit.chi2,
            fit.df,
            fit.p,
        )


def _pca(analysis: Analysis) -> Iterator[Line]:
    for node in analysis.nodes:
        found = node.components
        cumulative = 0.0
        for number, (value, share) in enumerate(
            zip(found.eigenvalues.tolist(), found.shares.tolist(), strict=True)
        ):
            cumulative += share
            for place, item in enumerate(node.items):
                lead = (node.stage, node.node, node.of, number + 1, _even(value), _even(share))
                loading = _even(float(found.loadings[place, number]))
                yield (*lead, _even(min(cumulative, 1.0)), item, loading)


def _importance(analysis: Analysis) -> Iterator[Line]:
    for row in analysis.matters:
        ratio = row.share / row.weight if row.weight else None
        lead = (analysis.shown, analysis.top, row.indicator, row.weight)
        yield (*lead, _even(row.squared_r), _even(row.importance), _even(row.share), ratio)


_TABLES: dict[str, tuple[list[str], Callable[[Analysis], Iterator[Line]]]] = {
    "indicators": (
        ["stage", "indicator", "node", "direction", *_STATISTICS, "flags"],
        _indicators,
    ),
    "correlations": (
        ["stage", "method", "first", "second", "relation", "r", "n", "p", "flag"],
        _correlations,
    ),
    "alpha": (
        [
            *("stage", "node", "of", "item", "n", "alpha", "alpha_standardised"),
            *("item_rest", "item_rest_standardised"),
        ],
        _alpha,
    ),
    "nodes": (
        [
            *("stage", "node", "of", "items", "n", "alpha", "alpha_standardised"),
            *("above_one", "first_share", "kmo", "bartlett_chi2", "bartlett_df", "bartlett_p"),
        ],
        _nodes,
    ),
    "pca": (
        [
            *("stage", "node", "of", "component", "eigenvalue", "share", "cumulative"),
            *("item", "loading"),
        ],
        _pca,
    ),
    "importance": (
        [
            *("stage", "of", "indicator", "weight", "squared_r", "importance"),
            *("importance_share", "ratio"),
        ],
        _importance,
    ),
}
