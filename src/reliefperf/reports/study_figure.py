"""The figure of a study: how far each region's rank reaches over the variants."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from reliefperf.errors import Lang
from reliefperf.model.spec_data import in_language
from reliefperf.reports.figures import GRID, INK, PALE
from reliefperf.reports.fonts import FAMILY, chinese_style
from reliefperf.scenarios.studies import Study
from reliefperf.scenarios.studies.summary import Range

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_LISTED = 80
"""With more regions the best and the worst are listed, below a picture of all."""
LISTED_AT_ENDS = 60
BAR, THIN, DOT, CUT = "#5fa8a0", "#b9d6d2", "#b4463c", "#0b6e6e"
LONGEST_NAME = 26


def rank_ranges(study: Study, *, lang: Lang | None = None) -> Figure:
    """Ranks by region: 5 to 95 % of the variants, the median, and the rank as the model stands."""
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    said = lang or study.plan.model.language
    found = study.range_of("rank")
    ranked = np.flatnonzero(~np.isnan(found.nominal))
    order = ranked[np.lexsort((ranked, found.median[ranked], found.nominal[ranked]))]
    with chinese_style():
        layout = ConstrainedLayoutEngine(h_pad=0.1, w_pad=0.1, wspace=0.03, hspace=0.02)
        if len(order) <= MOST_LISTED:
            figure = Figure(figsize=(9.0, 2.2 + 0.25 * len(order)), dpi=110, layout=layout)
            first = figure.add_subplot()
            _list(study, first, order, found)
            handles, words = _keys(first, said)
            first.legend(handles, words, frameon=False, loc="lower left", fontsize=9)
        else:
            height = 4.6 + 0.2 * LISTED_AT_ENDS
            figure = Figure(figsize=(12.0, height), dpi=110, layout=layout)
            grid = figure.add_gridspec(2, 2, height_ratios=(3.4, height - 3.4))
            first = figure.add_subplot(grid[0, :])
            _ribbon(first, order, found, said)
            for column, (ends, zh, en) in enumerate(
                (
                    (order[:LISTED_AT_ENDS], "最前 60", "first 60"),
                    (order[-LISTED_AT_ENDS:], "最后 60", "last 60"),
                )
            ):
                axes = figure.add_subplot(grid[1, column])
                _list(study, axes, ends, found)
                axes.set_title(zh if said == "zh" else en, loc="left", fontsize=11, color=INK)
                if column == 0:
                    handles, words = _keys(axes, said)
                    axes.legend(handles, words, frameon=False, loc="upper right", fontsize=9)
        _title(study, first, said)
        for axes in figure.axes:
            _dress(axes, said, is_ribbon=len(order) > MOST_LISTED and axes is first)
        return figure


def _list(study: Study, axes: Axes, order: NDArray[np.int64], found: Range) -> None:
    """One line a region."""
    y = np.arange(len(order))
    wide = 0.5 if len(order) <= MOST_LISTED / 2 else 0.55
    axes.hlines(
        y, found.min[order], found.max[order], color=THIN, linewidth=2.0, label="range", zorder=1
    )
    axes.barh(
        y,
        found.q95[order] - found.q05[order],
        left=found.q05[order],
        height=wide,
        color=BAR,
        label="middle",
        zorder=2,
    )
    axes.scatter(
        found.median[order],
        y,
        marker="|",
        s=90,
        color=CUT,
        linewidths=2.0,
        label="median",
        zorder=3,
    )
    axes.scatter(found.nominal[order], y, s=16, color=DOT, label="nominal", zorder=4)
    axes.set_yticks(y, [_named(study, place) for place in order.tolist()])
    axes.set_ylim(len(order) - 0.3, -0.7)
    span = float(found.max[order].max() - found.min[order].min())
    axes.set_xlim(found.min[order].min() - 0.03 * span, found.max[order].max() + 0.03 * span)
    axes.grid(axis="x", color=GRID, linewidth=0.8)


def _ribbon(axes: Axes, order: NDArray[np.int64], found: Range, lang: Lang) -> None:
    """All regions from the best to the worst as one band."""
    x = np.arange(1, len(order) + 1)
    axes.fill_between(x, found.min[order], found.max[order], color=THIN, linewidth=0, label="range")
    axes.fill_between(x, found.q05[order], found.q95[order], color=BAR, linewidth=0, label="middle")
    axes.scatter(x, found.median[order], s=1.2, color=CUT, linewidths=0, label="median")
    axes.plot(x, found.nominal[order], color=DOT, linewidth=1.0, label="nominal")
    axes.set_xlim(1, len(order))
    axes.set_ylim(float(found.max[order].max()), 1)
    axes.set_xlabel(
        "按原模型名次排列的地区" if lang == "zh" else "regions by rank as the model stands"
    )
    axes.grid(axis="y", color=GRID, linewidth=0.8)


def _keys(axes: Axes, lang: Lang) -> tuple[list[Artist], list[str]]:
    """The legend: handles and words."""
    words = {
        "middle": ("5–95 %", "5–95 %"),
        "range": ("最小到最大", "least to greatest"),
        "median": ("中位数", "median"),
        "nominal": ("原模型名次", "as the model stands"),
    }
    handles, labels = axes.get_legend_handles_labels()
    by_label = dict(zip(labels, handles, strict=True))
    shown = [label for label in words if label in by_label]
    return [by_label[label] for label in shown], [words[label][lang != "zh"] for label in shown]


def _dress(axes: Axes, lang: Lang, *, is_ribbon: bool) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(PALE)
    axes.set_axisbelow(True)
    axes.tick_params(colors=INK, labelsize=9)
    ranks = axes.yaxis if is_ribbon else axes.xaxis
    ranks.set_major_locator(MaxNLocator(nbins=8, integer=True))
    ranks.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    ranks.set_label_text("名次" if lang == "zh" else "rank")
    for axis in (axes.xaxis, axes.yaxis):
        axis.label.set_color(INK)
        # labels of ticks are made when the figure is drawn, outside the style
        axis.set_tick_params(labelfontfamily=list(FAMILY))
    if is_ribbon:
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    else:
        axes.tick_params(axis="y", length=0)


def _title(study: Study, axes: Axes, lang: Lang) -> None:
    spec, model = study.plan.spec, study.plan.model
    zh = lang == "zh"
    label = ""
    if study.is_synthetic:
        label = "（合成数据）" if zh else " (synthetic data)"
    done = len(study.design.levels) - len(study.results.failures)
    name = in_language(spec.title, lang, spec.study)
    what = f"名次的范围{label}" if zh else f"How far ranks reach{label}"
    below = (
        f"{name}；{len(study.codes):,} 个地区，{done:,} 个方案"
        if zh
        else f"{name}; {len(study.codes):,} regions, {done:,} variants"
    )
    if failed := len(study.results.failures):
        below += f"，另有 {failed:,} 个失败" if zh else f", {failed:,} more failed"
    axes.set_title(what, loc="left", fontsize=15, color=INK, pad=24)
    axes.annotate(
        below,
        (0, 1),
        xytext=(0, 8),
        xycoords="axes fraction",
        textcoords="offset points",
        fontsize=9.5,
        color=PALE,
    )
    if study.is_synthetic:
        full = in_language(model.spec.data.synthetic, lang)
        figure = axes.get_figure(root=True)
        assert figure is not None
        figure.supxlabel(full, x=0.012, ha="left", fontsize=8, color=PALE)


def _named(study: Study, place: int) -> str:
    name = study.names[place] or study.codes[place]
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"
