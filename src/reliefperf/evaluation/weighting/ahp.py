"""Weights from a matrix of pairwise comparisons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from reliefperf.errors import suggestion
from reliefperf.evaluation.scoring.base import Literal_, RuleMistake, plain
from reliefperf.evaluation.siblings import Siblings
from reliefperf.evaluation.weighting.base import Weighting, Weights, weighting
from reliefperf.evaluation.weighting.comparisons import ratio_text
from reliefperf.evaluation.weighting.random_index import RandomIndex, random_index
from reliefperf.model.environment import Array
from reliefperf.model.fractions import Number

RECIPROCAL = 1e-6
"""How far the product of a comparison and its reverse may be from one."""

NOISE = 1e-12
"""An eigenvalue above the number of items by less than this part of it is that number."""

Method = Literal["eigenvector", "geometric_mean", "arithmetic"]


@dataclass(frozen=True)
class Consistency:
    """How well comparisons agree; the ratio is None where the table has no random index."""

    lambda_max: float
    index: float
    ratio: float | None


def priorities(matrix: Array, method: Method) -> Array:
    """The weights that a reciprocal matrix, shape (n, n), gives; shape (n,), they add up to one.

    Source: Saaty (1980) for the principal eigenvector, Crawford and Williams (1985) for the
    geometric means of the rows; `arithmetic` is the mean of the normalised columns.
    """
    if method == "eigenvector":
        values, vectors = np.linalg.eig(matrix)
        found = np.abs(vectors[:, values.real.argmax()].real)
    elif method == "geometric_mean":
        found = np.exp(np.log(matrix).mean(axis=1))
    else:
        found = (matrix / matrix.sum(axis=0)).mean(axis=1)
    return np.asarray(found / found.sum())


def consistency(matrix: Array, table: RandomIndex) -> Consistency:
    """The greatest eigenvalue, CI = (eigenvalue - n) / (n - 1) and CR = CI / random index."""
    n_items = len(matrix)
    if n_items < 3:
        return Consistency(float(n_items), 0.0, 0.0)
    greatest = float(np.linalg.eigvals(matrix).real.max())
    if greatest - n_items < NOISE * n_items:  # never less, but for binary noise
        greatest = float(n_items)
    index = (greatest - n_items) / (n_items - 1)
    random = random_index(table, n_items)
    return Consistency(greatest, index, None if random is None else index / random)


@weighting("ahp")
class AHP(Weighting):
    """Weights from pairwise comparisons of the children (analytic hierarchy process).

    `ahp` gives each child its row: a list in the order of the keys, or a mapping with the children
    it is compared with, each pair once. 3 says three times as important as. A consistency ratio
    above `limit` is refused unless `accept_inconsistent`.

    Source: Saaty, The Analytic Hierarchy Process (1980); OECD/JRC Handbook (2008), step 6.
    """

    needs_values: ClassVar[bool] = False
    ahp: dict[str, list[Number] | dict[str, Number]]
    method: Method = "eigenvector"
    random_index: RandomIndex = "saaty_1980"
    limit: float = 0.1
    accept_inconsistent: bool = False

    def mistakes(self, ids: Sequence[str], number: Literal_) -> Iterator[RuleMistake]:
        """What is wrong with the matrix as written, and an inconsistency above the limit."""
        if not self.limit > 0:
            yield ("limit",), "the limit must be above zero", "limit 须大于零"
        wrong = list(self._wrong_names(ids)) or list(self._wrong_shapes())
        if not wrong:
            wrong = [*self._wrong_numbers(), *self._wrong_pairs()]
        yield from wrong
        if not wrong and self.limit > 0 and not self.accept_inconsistent:
            yield from self._inconsistent()

    def weights(self, children: Siblings) -> Weights:
        """The priorities, with the greatest eigenvalue, CI, CR and the table as facts."""
        matrix = self.matrix(children.ids)
        found = consistency(matrix, self.random_index)
        facts: dict[str, float | str] = {
            "lambda_max": found.lambda_max,
            "consistency_index": found.index,
        }
        if found.ratio is not None:
            facts["consistency_ratio"] = found.ratio
        facts["random_index"] = self.random_index
        return Weights(priorities(matrix, self.method), facts)

    def matrix(self, ids: Sequence[str]) -> Array:
        """The whole matrix in the order of `ids`, shape (n, n)."""
        stated = self._stated()
        matrix = np.ones((len(ids), len(ids)))
        for i, first in enumerate(ids):
            for j, second in enumerate(ids):
                if i != j:
                    ratio = stated.get((first, second))
                    matrix[i, j] = 1 / stated[second, first] if ratio is None else ratio
        return matrix

    def _entries(self) -> Iterator[tuple[str, str, tuple[Any, ...], float]]:
        """Every number written: first, second, where it stands, and the number."""
        names = list(self.ahp)
        for first, row in self.ahp.items():
            if isinstance(row, Mapping):
                for second, ratio in row.items():
                    yield first, second, ("ahp", first, second), ratio
            else:
                for place, ratio in enumerate(row):
                    yield first, names[place], ("ahp", first, place), ratio

    def _stated(self) -> dict[tuple[str, str], float]:
        return {(first, second): ratio for first, second, _, ratio in self._entries()}

    def _wrong_names(self, ids: Sequence[str]) -> Iterator[RuleMistake]:
        # of a mapping of pairs the last child needs no row of its own
        named = {*self.ahp, *(s for row in self.ahp.values() if isinstance(row, dict) for s in row)}
        for name in [name for name in self.ahp if name not in ids]:
            en, zh = suggestion(name, ids)
            yield (
                ("ahp", name),
                f"'{name}' is not a child of this group{en}",
                f"“{name}”不是本组的下级{zh}",
            )
        for first, row in self.ahp.items():
            for second in row if isinstance(row, dict) else ():
                if second not in ids:
                    en, zh = suggestion(second, ids)
                    yield (
                        ("ahp", first, second),
                        f"'{second}' is not a child of this group{en}",
                        f"“{second}”不是本组的下级{zh}",
                    )
        for name in ids:
            if name not in named:
                yield ("ahp",), f"'{name}' is not compared", f"“{name}”没有参与比较"

    def _wrong_shapes(self) -> Iterator[RuleMistake]:
        n_rows = len(self.ahp)
        for name, row in self.ahp.items():
            if isinstance(row, list) and len(row) != n_rows:
                yield (
                    ("ahp", name),
                    f"the row of '{name}' has {len(row)} numbers, but there are {n_rows} rows",
                    f"“{name}”一行有 {len(row)} 个数，而矩阵有 {n_rows} 行",
                )

    def _wrong_numbers(self) -> Iterator[RuleMistake]:
        for first, second, path, ratio in self._entries():
            if not 0 < ratio < float("inf"):
                yield (
                    path,
                    f"'{first}' against '{second}': a comparison must be above zero, this is "
                    f"{plain(ratio)}",
                    f"“{first}”对“{second}”：比较值须大于零，这里是 {plain(ratio)}",
                )
            elif first == second and ratio != 1:
                yield (
                    path,
                    f"'{first}' against itself must be 1, this is {ratio_text(ratio)}; the numbers "
                    "of a row stand in the order of the rows",
                    f"“{first}”对自身须为 1，这里是 {ratio_text(ratio)}；各行数字须按行的次序排列",
                )

    def _wrong_pairs(self) -> Iterator[RuleMistake]:
        stated = self._stated()
        if any(not ratio > 0 for ratio in stated.values()):
            return
        names = list(dict.fromkeys(name for pair in stated for name in pair))
        for i, first in enumerate(names):
            for second in names[i + 1 :]:
                there, back = stated.get((first, second)), stated.get((second, first))
                if there is None and back is None:
                    yield (
                        ("ahp",),
                        f"'{first}' and '{second}' are not compared",
                        f"“{first}”与“{second}”没有比较",
                    )
                elif there is not None and back is not None and abs(there * back - 1) > RECIPROCAL:
                    path = next(p for f, s, p, _ in self._entries() if (f, s) == (second, first))
                    yield (
                        path,
                        f"'{first}' against '{second}' is {ratio_text(there)}, so '{second}' "
                        f"against '{first}' must be {ratio_text(1 / there)}, not {ratio_text(back)}",
                        f"“{first}”对“{second}”为 {ratio_text(there)}，则“{second}”对“{first}”"
                        f"须为 {ratio_text(1 / there)}，而不是 {ratio_text(back)}",
                    )

    def _inconsistent(self) -> Iterator[RuleMistake]:
        names = list(dict.fromkeys(name for pair in self._stated() for name in pair))
        matrix = self.matrix(names)
        found = consistency(matrix, self.random_index)
        if found.ratio is None:
            yield (
                ("random_index",),
                f"the table {self.random_index} has no random index for {len(names)} items; name a "
                "longer table, or accept the matrix with `accept_inconsistent: true`",
                f"随机指标表 {self.random_index} 没有 {len(names)} 阶的数值；请换更长的表，"
                "或写 accept_inconsistent: true 表示接受",
            )
        elif found.ratio > self.limit:
            weights = priorities(matrix, "eigenvector")
            gaps = np.abs(np.log(matrix * weights / weights[:, None]))
            i, j = sorted(np.unravel_index(int(gaps.round(9).argmax()), gaps.shape))
            written, implied = ratio_text(matrix[i, j]), f"{weights[i] / weights[j]:.3g}"
            yield (
                ("ahp",),
                f"the consistency ratio is {found.ratio:.4f} (random index {self.random_index}), "
                f"above the limit of {plain(self.limit)}; look first at '{names[i]}' against "
                f"'{names[j]}' (written {written}, all comparisons together say {implied}), or "
                "accept it with `accept_inconsistent: true`",
                f"一致性比率为 {found.ratio:.4f}（随机指标 {self.random_index}），"
                f"超过上限 {plain(self.limit)}；请先复核“{names[i]}”对“{names[j]}”"
                f"（所写 {written}，全部比较合看为 {implied}），"
                "或写 accept_inconsistent: true 表示接受",
            )
