"""What a step of data treatment is: fields that are its schema, and a change of a matrix."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from reliefperf.errors import InputError, Note
from reliefperf.evaluation.siblings import SHOWN, Mask
from reliefperf.model.document import Path_
from reliefperf.model.environment import Array, Environment
from reliefperf.model.expressions import Expr
from reliefperf.model.model import Model
from reliefperf.model.spec_evaluation import TREATMENTS, TreatmentSpec

treatment = TREATMENTS.add
Places = NDArray[np.int64]
Said = tuple[str, str]
"""A sentence in English and in Chinese."""
NumberOf = Callable[[Expr | None], float | None]
"""The value of an expression that is a number as written, else None."""
StepMistake = tuple[tuple[str | int, ...], str, str]
"""Where in the step, and what is wrong in English and Chinese."""


@dataclass(frozen=True)
class Values:
    """The values of all indicators on their way from the data to the scoring rules.

    `x` has shape (n_indicators, n_regions), NaN where missing. `regions_out` and `indicators_out`
    mark what a screening step took out; those count nowhere from then on. `members` gives the
    places of the indicators at or below each node. `earlier` gives the values as they stood before
    this step in the period before, None where there is none.
    """

    ids: tuple[str, ...]
    x: Array
    regions_out: Mask
    indicators_out: Mask
    model: Model
    env: Environment
    members: Mapping[str, Places] = field(default_factory=dict, repr=False)
    earlier: Callable[[], Values | None] = field(default=lambda: None, repr=False)

    @property
    def counted(self) -> Array:
        """The values with NaN where a region or an indicator was screened out."""
        if not self.regions_out.any() and not self.indicators_out.any():
            return self.x
        return np.where(self.regions_out | self.indicators_out[:, None], np.nan, self.x)

    def refuse(self, path: Path_, en: str, zh: str) -> InputError:
        """The error to raise, at the place of a step in the model."""
        return InputError(self.model.document.mistake(path, en, zh))

    def refuse_at(self, path: Path_, place: int, where: Mask, en: str, zh: str) -> InputError:
        """The error to raise for one indicator, naming it and the regions marked in `where`."""
        name, codes = self.ids[place], self.listed(where)
        count = int(where.sum())
        return self.refuse(
            path,
            f"indicator '{name}' in {count} region(s) ({codes}): {en}",
            f"指标“{name}”涉及 {count} 个地区（{codes}）：{zh}",
        )

    def listed(self, where: Mask) -> str:
        """The codes of the regions marked, the first ten."""
        places = np.flatnonzero(where)
        more = ", ..." if len(places) > SHOWN else ""
        return ", ".join(self.env.codes[place] for place in places[:SHOWN]) + more

    def note(self, kind: str, place: int, en: str, zh: str) -> None:
        """Note what is to be known of a whole indicator."""
        period = f"{self.env.period}: " if self.env.period else ""
        period_zh = f"{self.env.period}：" if self.env.period else ""
        self.env.notes.append(Note(kind, period + en, period_zh + zh, 1, self.ids[place]))


@dataclass(frozen=True)
class Remark:
    """What is recorded besides changed cells: of a region, of an indicator, or of both.

    `indicator` and `region` are places, None where the remark is about all of them.
    """

    indicator: int | None
    region: int | None
    how: Said


@dataclass(frozen=True)
class Outcome:
    """What a step made of the values.

    `x` has the shape of the values given. `how` says what was done to an indicator, by its place;
    `how_cells` says more of single cells, by the places of indicator and region. `regions_out` and
    `indicators_out` mark what the step takes out; `remarks` say why.
    """

    x: Array
    how: Mapping[int, Said] = field(default_factory=dict)
    how_cells: Mapping[tuple[int, int], Said] = field(default_factory=dict)
    regions_out: Mask | None = None
    indicators_out: Mask | None = None
    remarks: tuple[Remark, ...] = ()


class Treatment(TreatmentSpec):
    """The base of treatment steps."""

    def mistakes(self, number: NumberOf) -> Iterator[StepMistake]:
        """What the step as written cannot be."""
        yield from ()

    def nodes_named(self) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """Every id of the tree that the step names, with its place in the step."""
        for key in ("indicators", "besides"):
            for place, name in enumerate(getattr(self, key) or ()):
                yield (key, place), name

    def apply(self, values: Values, places: Places, path: Path_) -> Outcome:
        """Treat the indicators at `places`; raises InputError, made by `values.refuse`.

        What was screened out before is not among the values that count (`values.counted`), and is
        put back as it was after the step.
        """
        raise NotImplementedError


def ordinal(number: int) -> str:
    """1st, 2nd, 3rd, 4th, 11th."""
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{'th' if 10 <= number % 100 <= 20 else ending}"


def short(value: float) -> str:
    """A number in a sentence: six significant digits, never in exponent form for common sizes."""
    return f"{value:.6g}"
