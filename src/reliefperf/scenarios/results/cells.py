"""What the cells and rows of result tables are made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from reliefperf.model.numbers import snap, to_places
from reliefperf.scenarios.running import PeriodRun, Run

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

SNAPPED = 12
"""Significant digits of numbers in files, those of `snap`."""

Cell = str | Decimal | float | int | None

Row = tuple[Cell, ...]

type Side = Literal["scores", "money"]
SIDES: tuple[Side, ...] = ("scores", "money")
"""The two sides of a run's results: scores with all of the data, and the money."""


def number_text(value: float | Decimal | None, decimals: int | None = None) -> str:
    """A number for a file: empty where missing, no binary noise."""
    if value is None or value != value:
        return ""
    if isinstance(value, Decimal):
        return format(value, "f")
    if decimals is not None:
        return format(to_places(value, decimals), "f")
    if value == int(value) and abs(value) <= 2**53:
        return str(int(value))
    text = format(float(value), f".{SNAPPED}g")
    if "e" not in text:
        return text  # digits as snap() has them, and no zeros at the end
    text = format(snap(float(value)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def number_texts(values: NDArray[np.float64]) -> list[str]:
    """A column of numbers for a file; equal numbers are written once."""
    known: dict[float, str] = {}
    found = []
    for value in values.tolist():
        text = known.get(value)
        if text is None:
            text = known[value] = number_text(value)
        found.append(text)
    return found


def by_period(run: Run) -> Iterator[tuple[tuple[str, ...], PeriodRun]]:
    """Each period with the cells that a panel's rows begin with."""
    panel = tuple(run.periods) != ("",)
    for period, result in run.periods.items():
        yield ((period,) if panel else ()), result


def leading(run: Run) -> tuple[str, ...]:
    """The headings that stand before a panel's own."""
    return () if tuple(run.periods) == ("",) else ("period",)


def frame_of(header: list[str], rows: Iterable[Row], numeric: Iterable[str] = ()) -> pd.DataFrame:
    """A table as a data frame, with the columns named in `numeric` as floats."""
    import pandas as pd

    frame = pd.DataFrame(list(rows), columns=header)
    for name in numeric:
        frame[name] = pd.to_numeric(frame[name].replace("", None))
    return frame
