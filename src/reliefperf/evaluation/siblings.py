"""The children of one node side by side, as weights and ways of combining see them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reliefperf.errors import InputError
from reliefperf.model.document import Path_
from reliefperf.model.environment import Array, Environment
from reliefperf.model.model import Model

Mask = NDArray[np.bool_]
SHOWN = 10
"""How many regions a message names."""


@dataclass(frozen=True)
class Siblings:
    """The children of a node in every region.

    `parts` are parts of full marks, shape (n_children, n_regions), NaN where missing; `present` is
    False where a child was skipped, None where none was. `node` is "" for the root, `path` is where
    the node stands in the model.
    """

    node: str
    ids: tuple[str, ...]
    parts: Array
    present: Mask | None
    model: Model
    env: Environment
    path: Path_

    @property
    def label(self) -> str:
        """The node's id as messages have it."""
        return self.node or "evaluation"

    @property
    def counted(self) -> Array:
        """The parts with NaN where a child was skipped too."""
        return self.parts if self.present is None else np.where(self.present, self.parts, np.nan)

    def note(self, kind: str, en: str, zh: str, where: Mask) -> None:
        """Note what was done in the regions marked, shape (n_regions,)."""
        self.env.report(kind, self.label, en, zh, where)

    def refuse(self, en: str, zh: str, where: Mask | None = None) -> InputError:
        """The error to raise; `where`, shape (n_children, n_regions), names indicators and regions."""
        if where is not None and where.any():
            rows = [self._listed(child, mask) for child, mask in enumerate(where) if mask.any()]
            said, said_zh = zip(*rows, strict=True)
            en, zh = f"{en}: {'; '.join(said)}", f"{zh}：{'；'.join(said_zh)}"
        return InputError(
            self.model.document.mistake(
                self.path, f"node '{self.label}': {en}", f"节点“{self.label}”：{zh}"
            )
        )

    def _listed(self, child: int, where: Mask) -> tuple[str, str]:
        places = np.flatnonzero(where)
        more = ", ..." if len(places) > SHOWN else ""
        listed = ", ".join(self.env.codes[place] for place in places[:SHOWN]) + more
        return (
            f"'{self.ids[child]}' in {len(places)} region(s) ({listed})",
            f"“{self.ids[child]}”涉及 {len(places)} 个地区（{listed}）",
        )
