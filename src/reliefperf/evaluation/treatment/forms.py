"""The transformations that a step can name.

Sources: COIN Tool and COINr 1.1.14 (`log_CT`, `log_CT_orig`, `log_CT_plus`, `boxcox`); Global
Innovation Index 2020 (`log_gii`); Box and Cox (1964), J. R. Stat. Soc. B 26, 211-252. COINr 1.1.14
has a function log_GII too, but it returns its argument unchanged; here the formula counts.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from reliefperf.evaluation.siblings import Mask
from reliefperf.evaluation.treatment.moments import known, shape_of
from reliefperf.model.environment import Array

Form = Literal["log", "log_shifted", "log_from_one", "log_by_skew", "log_gii", "boxcox"]
SHIFT = 0.01
"""The part of the range by which `log_shifted` keeps the least value above zero."""
LAMBDAS = (-5.0, 5.0)
"""Where an estimated exponent is looked for."""
LAMBDA_DECIMALS = 6

FORMULAS: dict[Form, str] = {
    "log": "ln(x)",
    "log_shifted": "ln(x - min + 0.01 (max - min))",
    "log_from_one": "ln(x - min + 1)",
    "log_by_skew": "ln(x - min + 0.01 (max - min)), or -ln(max + 0.01 (max - min) - x)",
    "log_gii": "ln((max - 1)(x - min) / (max - min) + 1)",
    "boxcox": "((x - min + 1)^lambda - 1) / lambda",
}


def cannot(form: Form, x: Array) -> tuple[Mask, str, str] | None:
    """Where a form cannot be taken and why, in English and Chinese; None where it can.

    `x` has shape (n_regions,), NaN where missing.
    """
    there = ~np.isnan(x)
    if form == "log":
        wrong = there & ~(np.where(there, x, 1.0) > 0)
        if wrong.any():
            return (
                wrong,
                "has no logarithm, since it is not above zero; use log_shifted or log_from_one",
                "不大于零，无对数；请用 log_shifted 或 log_from_one",
            )
        return None
    values = known(x)
    if not len(values) or form in ("log_from_one", "boxcox"):
        return None
    if values[0] == values[-1]:
        return (
            there,
            f"all values are equal, so {form} has no range to work with",
            f"各地区数值全部相等，{form} 无极差可用",
        )
    if form == "log_gii" and values[-1] <= 1:
        return (
            there & (x == values[-1]),
            "the greatest value is not above 1, so log_gii would turn the order round; "
            "use log_shifted",
            "最大值不大于 1，log_gii 会颠倒顺序；请用 log_shifted",
        )
    return None


def transformed(form: Form, x: Array, exponent: float | None = None) -> Array:
    """The values in another form, shape (n_regions,); `cannot` must have said that it can be taken."""
    values = known(x)
    if not len(values):
        return x
    low, high = values[0], values[-1]
    shift = SHIFT * (high - low)
    if form == "log":
        return np.asarray(np.log(x))
    if form == "log_from_one":
        return np.asarray(np.log(x - low + 1))
    if form == "log_gii":
        return np.asarray(np.log((high - 1) * (x - low) / (high - low) + 1))
    if form == "log_by_skew" and shape_of(x).skewness < 0:
        return np.asarray(-np.log(high + shift - x))
    if form in ("log_shifted", "log_by_skew"):
        return np.asarray(np.log(x - low + shift))
    assert exponent is not None
    return box_cox(x - low + 1, exponent)


def box_cox(x: Array, exponent: float) -> Array:
    """The Box-Cox transformation of values above zero."""
    if exponent == 0:
        return np.asarray(np.log(x))
    return np.asarray((x**exponent - 1) / exponent)


def estimated_lambda(x: Array) -> float:
    """The exponent of greatest likelihood for the values moved to begin at 1, to six decimals.

    A bounded search without any chance in it; 1 where all values are equal.
    """
    from scipy.optimize import minimize_scalar

    values = known(x)
    if len(values) < 3 or values[0] == values[-1]:
        return 1.0
    logs = np.log(values - values[0] + 1)

    def unlikely(exponent: float) -> float:
        # of exp(exponent * logs) only the spread counts, so the greatest is taken out of it
        peak = (exponent * logs).max()
        if abs(exponent) < 1e-8:
            log_spread = np.log(logs.var())
        else:
            spread = np.exp(exponent * logs - peak).var()
            log_spread = np.log(spread) + 2 * peak - 2 * np.log(abs(exponent))
        return float(len(logs) / 2 * log_spread - (exponent - 1) * logs.sum())

    found = minimize_scalar(unlikely, bounds=LAMBDAS, method="bounded", options={"xatol": 1e-9})
    return round(float(found.x), LAMBDA_DECIMALS) + 0.0
