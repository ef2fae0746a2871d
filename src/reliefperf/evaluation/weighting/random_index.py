"""Random indices: the mean consistency index of random pairwise matrices, by number of items.

Published tables differ by a few percent, and so do the consistency ratios made with them; a model
therefore names its table.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

RandomIndex = Literal[
    "saaty_1980", "saaty_2005", "tummala_ling_1998", "donegan_dodd_1991", "alonso_lamata_2006"
]

RANDOM_INDICES: Mapping[RandomIndex, tuple[float, ...]] = {
    # Saaty, The Analytic Hierarchy Process (1980)
    "saaty_1980": (0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49),
    # Saaty, Theory and Applications of the Analytic Network Process (2005), p. 31, as in AHPy 2.1
    "saaty_2005": (
        *(0.52, 0.89, 1.11, 1.25, 1.35, 1.40, 1.45, 1.49),
        *(1.52, 1.54, 1.56, 1.58, 1.59),
    ),
    # Rao Tummala and Ling, Theory and Decision 44 (1998) 221-230, as in pymcdm 1.4
    "tummala_ling_1998": (
        *(0.5799, 0.8921, 1.1159, 1.2358, 1.3322, 1.3952, 1.4537, 1.4882),
        *(1.5117, 1.5356, 1.5571, 1.5714, 1.5831),
    ),
    # Donegan and Dodd, Mathematical and Computer Modelling 15 (1991) 135-137, as in AHPy 2.1
    "donegan_dodd_1991": (
        *(0.4914, 0.8286, 1.0591, 1.1797, 1.2519, 1.3171, 1.3733, 1.4055),
        *(1.4213, 1.4497, 1.4643, 1.4822, 1.4969, 1.5078, 1.5153, 1.5262, 1.5313, 1.5371),
    ),
    # Alonso and Lamata (2006), from 100,000 random matrices, as public R code quotes it
    "alonso_lamata_2006": (
        *(0.5245, 0.8815, 1.1086, 1.2479, 1.3417, 1.4056, 1.4499, 1.4854),
        *(1.5141, 1.5365, 1.5551, 1.5713, 1.5838),
    ),
}
"""The random index for 3, 4, 5, ... items."""


def random_index(table: RandomIndex, n_items: int) -> float | None:
    """The random index of a table; None where the table does not reach, 0 for fewer than 3 items."""
    if n_items < 3:
        return 0.0
    listed = RANDOM_INDICES[table]
    return listed[n_items - 3] if n_items - 3 < len(listed) else None
