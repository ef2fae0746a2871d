"""The curves of equity: how money accumulates over people, from the least to the best served."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reliefperf.errors import InputError, Lang, Mistake
from reliefperf.reports.figures import GRID, INK, PALE, canvas, title
from reliefperf.reports.fonts import chinese_style
from reliefperf.scenarios.results.equity import (
    amounts_of,
    can_be_measured,
    curves_of,
    ground_of,
    pools_of,
)
from reliefperf.scenarios.running import Run

if TYPE_CHECKING:
    from matplotlib.figure import Figure

CURVE_COLOURS = {"lorenz": "#33658a", "need": "#b4463c", "capacity": "#7a9e7e"}
CURVE_WORDS: dict[str, dict[Lang, str]] = {
    "lorenz": {"zh": "洛伦兹曲线：按人均金额排序", "en": "Lorenz curve: by money per head"},
    "need": {"zh": "集中曲线：按人均需求排序", "en": "concentration: by need per head"},
    "capacity": {"zh": "集中曲线：按人均财力排序", "en": "concentration: by fiscal capacity"},
}
_INDEX: dict[str, dict[Lang, str]] = {
    "lorenz": {"zh": "基尼系数", "en": "Gini"},
    "need": {"zh": "集中指数", "en": "index"},
    "capacity": {"zh": "集中指数", "en": "index"},
}


def equity_curves(run: Run, *, pool: str | None = None, lang: Lang | None = None) -> Figure:
    """Lorenz and concentration curves of the last period, of one pool or of all together.

    Raises InputError for a model without `equity`, or a pool that pays nothing or
    takes money back.
    """
    said = lang or run.model.language
    ground = ground_of(run.model, run.last)
    chosen = pool or (pools_of(run.last)[-1] if run.last.allocation is not None else "")
    amounts = amounts_of(run.last, chosen)[ground.counted] if ground is not None else None
    if ground is None or amounts is None or not can_be_measured(amounts):
        raise InputError(
            Mistake.at(
                "curves of equity need a model with `allocation.equity` and money that is paid",
                "公平性曲线须有 allocation.equity，且有实际分配的资金",
            )
        )
    with chinese_style():
        figure, axes = canvas(6.6, 6.4)
        axes.plot([0, 100], [0, 100], color=PALE, linewidth=1, linestyle=(0, (4, 3)))
        for name, curve in curves_of(ground, amounts).items():
            label = f"{CURVE_WORDS[name][said]}（{_INDEX[name][said]} {curve.index:.3f}）"
            if said == "en":
                label = f"{CURVE_WORDS[name][said]} ({_INDEX[name][said]} {curve.index:.3f})"
            axes.plot(
                100 * curve.people,
                100 * curve.money,
                color=CURVE_COLOURS[name],
                linewidth=2,
                label=label,
            )
        axes.set_xlim(0, 100)
        axes.set_ylim(0, 100)
        axes.set_aspect("equal")
        axes.grid(color=GRID, linewidth=0.8)
        axes.set_xlabel("人口累计（%）" if said == "zh" else "people, cumulated (%)")
        axes.set_ylabel("资金累计（%）" if said == "zh" else "money, cumulated (%)")
        axes.legend(frameon=False, loc="upper left", fontsize=9.5, labelcolor=INK)
        title(
            run,
            axes,
            "资金分布的公平性" if said == "zh" else "How evenly the money falls",
            "虚线为完全均等" if said == "zh" else "dashes: the same for everybody",
            said,
        )
        return figure
