"""Intervals of the indicators that were estimated from samples, as a table."""

from __future__ import annotations

from reliefperf.evaluation.sampling import interval_rows
from reliefperf.model.model import Model
from reliefperf.scenarios.results.cells import Row, number_text
from reliefperf.scenarios.running import Run

INTERVAL_COLUMNS = ["region", "indicator", "value", "low", "high", "level", "method"]


def has_samples(model: Model) -> bool:
    """Whether any indicator states its sample."""
    spec = model.spec.evaluation
    return spec is not None and any(node.sample is not None for node in spec.nodes())


def intervals_table(run: Run) -> tuple[list[str], list[Row]]:
    """Header and rows: region, indicator, value, lower and upper limit, level, method."""
    panel = tuple(run.periods) != ("",)
    rows: list[Row] = [
        (
            *((period,) if panel else ()),
            row.region,
            row.indicator,
            number_text(row.value),
            number_text(row.low),
            number_text(row.high),
            number_text(row.level),
            row.method,
        )
        for period, result in run.periods.items()
        for row in interval_rows(run.model, result.env)
    ]
    return [*(["period"] if panel else []), *INTERVAL_COLUMNS], rows
