"""Values in another form: logarithms and the Box-Cox transformation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from reliefperf.evaluation.treatment.base import (
    NumberOf,
    Outcome,
    Places,
    Said,
    StepMistake,
    Treatment,
    Values,
    short,
    treatment,
)
from reliefperf.evaluation.treatment.forms import (
    FORMULAS,
    Form,
    cannot,
    estimated_lambda,
    transformed,
)
from reliefperf.model.document import Path_
from reliefperf.model.environment import Array

Lambda = Annotated[float, Field(ge=-20, le=20)] | Literal["estimate"]


def lambda_mistakes(form: str, exponent: Lambda | None) -> Iterator[StepMistake]:
    """A lambda without Box-Cox, or Box-Cox without one."""
    if form == "boxcox" and exponent is None:
        yield (
            (),
            "`boxcox` needs `lambda`: a number, or `estimate`",
            "boxcox 须写 lambda：数字或 estimate",
        )
    if form != "boxcox" and exponent is not None:
        yield ("lambda",), "`lambda` belongs to `boxcox`", "lambda 用于 boxcox"


def in_form(
    values: Values, place: int, form: Form, exponent: Lambda | None, path: Path_
) -> tuple[Array, Said]:
    """One indicator in another form, and what is said of it; raises InputError where it cannot be."""
    x = values.counted[place]
    wrong = cannot(form, x)
    if wrong is not None:
        where, en, zh = wrong
        raise values.refuse_at(path, place, where, en, zh)
    power = estimated_lambda(x) if exponent == "estimate" else exponent
    formula = FORMULAS[form]
    en = zh = ""
    if power is not None:
        en = f", lambda {short(power)}{' (estimated)' if exponent == 'estimate' else ''}"
        zh = f"，lambda {short(power)}{'（估计）' if exponent == 'estimate' else ''}"
    said = f"{form}: {formula}{en}", f"{form}：{formula}{zh}"
    made = transformed(form, x, power)
    return np.where(np.isnan(x), values.x[place], made), said


@treatment("transform")
class Transform(Treatment):
    """Every value in another form.

    With min and max over the regions that have a value:
    - `log`: ln(x), refused where a value is not above zero;
    - `log_shifted`: ln(x - min + 0.01 (max - min)) (COINr `log_CT`);
    - `log_from_one`: ln(x - min + 1) (COIN Tool, COINr `log_CT_orig`);
    - `log_by_skew`: as `log_shifted`, but -ln(max + 0.01 (max - min) - x) where the skewness is
      negative (COINr `log_CT_plus`);
    - `log_gii`: ln((max - 1)(x - min) / (max - min) + 1) (Global Innovation Index 2020), refused
      where max is not above 1, since it would turn the order round;
    - `boxcox`: ((x - min + 1)^lambda - 1) / lambda, ln for zero (COINr `boxcox`); `lambda` is a
      number, or `estimate` for the one of greatest likelihood between -5 and 5.
    """

    transform: Form
    exponent: Lambda | None = Field(None, alias="lambda", description="boxcox: the exponent")

    def mistakes(self, number: NumberOf) -> Iterator[StepMistake]:
        """Box-Cox and its lambda go together."""
        for where, en, zh in lambda_mistakes(self.transform, self.exponent):
            yield where or ("transform",), en, zh

    def apply(self, values: Values, places: Places, path: Path_) -> Outcome:
        """Raises InputError for values that have no such form."""
        x = values.x.copy()
        how: dict[int, Said] = {}
        for place in map(int, places[~values.indicators_out[places]]):
            x[place], how[place] = in_form(values, place, self.transform, self.exponent, path)
        return Outcome(x, how)
