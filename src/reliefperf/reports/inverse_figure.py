"""Money or coverage of the regions against the budget, with the points where other rules bind."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from reliefperf.errors import InputError, Lang, Mistake
from reliefperf.reports.amounts import money
from reliefperf.reports.figures import GRID, INK, PALE, canvas, title
from reliefperf.reports.fonts import chinese_style
from reliefperf.scenarios.inverse.breaks import Range
from reliefperf.scenarios.inverse.budgets import Budgets
from reliefperf.scenarios.inverse.goals import Coverage, before_units
from reliefperf.scenarios.running import Run

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

POINTS = 24
"""Budgets at which the money is shared out for the lines, beside those next to break points."""

MOST_LINES = 60
_LINES = ("#b4463c", "#33658a", "#d9a441", "#9e6b82", "#7a9e7e", "#8c5a2b")
GOAL = "#0b6e6e"
"""The colour of what is asked for and of the budget that does it."""
_BEHIND = {"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1.0}
BREAK_HEIGHT = 0.03
"""The part of the figure's height that the mark of a break point takes."""


def budgets_figure(
    run: Run,
    budgets: Budgets,
    found: Range,
    asked: Coverage | None,
    answer: Fraction | None,
    lang: Lang,
) -> Figure:
    """Lines of regions before whole units: coverage where a need is known, else money.

    Short marks below stand at break points, a line at the present budget, a thick one at `answer`.
    In colour are the regions covered least at the present budget and at the answer, or, where no
    need is known, those nearest to a change.
    """
    places = _places(budgets, found, answer)
    tried = [budgets.at(place) for place in places]
    known = [
        (float(t.budget), before_units(t.allocation)) for t in tried if t.allocation is not None
    ]
    codes = budgets.now.codes
    needs = asked.need if asked is not None else None
    shown = [i for i in range(len(codes)) if needs is None or needs[i] is not None]
    if needs is None:
        marked = _marked(budgets, found, shown)
    else:
        marked = _least_covered(needs, known, budgets.present, answer)
    lines = [i for i in shown if i not in marked][: MOST_LINES - len(marked)]
    zh = lang == "zh"
    with chinese_style():
        figure, axes = canvas(9.0, 5.4)
        budgets_shown = [budget for budget, _ in known]
        for i in [*lines, *marked]:
            scale = Fraction(1) if needs is None else 100 / (needs[i] or Fraction(1))
            values = [float(amounts[i] * scale) for _, amounts in known]
            strong = i in marked
            axes.plot(
                budgets_shown,
                values,
                color=_LINES[marked.index(i)] if strong else PALE,
                linewidth=2.0 if strong else 0.8,
                alpha=1.0 if strong else 0.5,
                label=(budgets.now.names[i] or codes[i]) if strong else None,
                zorder=3 if strong else 2,
            )
        for budget in sorted({one.budget for one in found.breaks}):
            if places and budgets_shown[0] <= float(budget) <= budgets_shown[-1]:
                axes.axvline(float(budget), ymax=BREAK_HEIGHT, color=PALE, linewidth=0.9)
        axes.axvline(float(budgets.present), color=INK, linewidth=1.0)
        if answer is not None:
            axes.axvline(float(answer), color=GOAL, linewidth=2.2)
        if asked is not None and answer is not None:
            axes.axhline(float(100 * asked.coverage), color=GOAL, linewidth=1.2)
        _say_lines(axes, budgets, asked, answer, lang)
        _label(axes, budgets, lang, has_need=needs is not None)
        if marked:
            heading = "需求满足率最低的地区" if zh else "regions covered least"
            axes.legend(
                frameon=False,
                loc="upper left",
                fontsize=9.5,
                labelcolor=INK,
                title=None if needs is None else heading,
                title_fontsize=9.5,
                alignment="left",
            )
        axes.grid(color=GRID, linewidth=0.8)
        how = (
            "取整前；横轴上的短线为起作用的规则发生变化之处"
            if zh
            else "before whole units; short marks on the axis: other rules begin to bind"
        )
        what = "预算与各地区资金" if zh else "The regions' money against the budget"
        if needs is not None:
            what = "预算与需求满足率" if zh else "Coverage of need against the budget"
        title(run, axes, what, how, lang)
        return figure


def save_budgets(
    run: Run,
    budgets: Budgets,
    found: Range,
    asked: Coverage | None,
    answer: Fraction | None,
    lang: Lang,
    path: Path,
) -> None:
    """Write the figure; raises InputError for a name that is no picture's."""
    if path.suffix.lower() not in (".png", ".svg", ".pdf"):
        raise InputError(
            Mistake.at(
                f"'{path}' is no name of a figure; end it in .png, .svg or .pdf",
                f"“{path}”不是图片文件名；请以 .png、.svg 或 .pdf 结尾",
            )
        )
    figure = budgets_figure(run, budgets, found, asked, answer, lang)
    kept = {"Software": None} if path.suffix.lower() == ".png" else None
    with chinese_style():
        figure.savefig(path, metadata=kept)


def _label(axes: Axes, budgets: Budgets, lang: Lang, *, has_need: bool) -> None:
    from matplotlib.ticker import FuncFormatter

    unit, zh = budgets.spec.unit, lang == "zh"
    axes.set_xlabel(f"预算（{unit}）" if zh else f"budget ({unit})")
    label = f"金额（{unit}）" if zh else f"amount ({unit})"
    if has_need:
        label = "金额 / 需求（%）" if zh else "amount / need (%)"
    axes.set_ylabel(label)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}"))


def _say_lines(
    axes: Axes, budgets: Budgets, asked: Coverage | None, answer: Fraction | None, lang: Lang
) -> None:
    """Say beside the lines what they are: the present budget, the answer, the coverage asked for."""
    unit, zh = budgets.spec.unit, lang == "zh"
    now = f"{money(budgets.present)} {unit}"
    lines = [(budgets.present, f"现有预算 {now}" if zh else f"present budget {now}", INK)]
    if answer is not None:
        then = f"{money(answer)} {unit}"
        lines.append((answer, f"所需预算 {then}" if zh else f"budget needed {then}", GOAL))
    left, right = axes.get_xlim()
    for step, (budget, text, colour) in enumerate(lines):
        is_right = float(budget) > left + 0.6 * (right - left)
        axes.annotate(
            text,
            (float(budget), BREAK_HEIGHT + 0.02 + 0.05 * step),
            xycoords=axes.get_xaxis_transform(),
            xytext=(-5 if is_right else 5, 0),
            textcoords="offset points",
            ha="right" if is_right else "left",
            color=colour,
            fontsize=9.5,
            bbox=_BEHIND,
            zorder=5,
        )
    if asked is not None and answer is not None:
        percent = f"{float(100 * asked.coverage):.10g}%"
        axes.annotate(
            f"目标 {percent}" if zh else f"asked for: {percent}",
            (1.0, float(100 * asked.coverage)),
            xycoords=axes.get_yaxis_transform(),
            xytext=(-4, -5),
            textcoords="offset points",
            ha="right",
            va="top",
            color=GOAL,
            fontsize=9.5,
            bbox=_BEHIND,
            zorder=5,
        )


def _places(budgets: Budgets, found: Range, answer: Fraction | None) -> list[int]:
    """The places whose money the lines are drawn through, break points and both ends among them."""
    points = {one.budget for one in found.breaks} | {budgets.present}
    points |= set() if answer is None else {answer}
    nearest = [int((point - budgets.first) / budgets.step) for point in points if point >= 0]
    low, high = min(nearest), max(nearest)
    margin = max((high - low) // 10, budgets.place // 20, 1)
    low, high = max(low - margin, 0), min(high + margin, budgets.last)
    spread = np.linspace(low, high, POINTS).astype(int).tolist()
    around = [place + side for place in nearest for side in (0, 1)]
    return sorted({*spread, *around, budgets.place} & set(range(low, high + 1)))


def _least_covered(
    needs: Sequence[Fraction | None],
    known: Sequence[tuple[float, Sequence[Fraction]]],
    present: Fraction,
    answer: Fraction | None,
) -> list[int]:
    """The regions covered least at the present budget and at the answer, as many of each."""
    asked = [present] if answer is None or answer == present else [present, answer]
    each = len(_LINES) // len(asked)
    found: list[int] = []
    for budget in asked:
        amounts = min(known, key=lambda one: abs(one[0] - float(budget)))[1]
        covered = [(amounts[i] / need, i) for i, need in enumerate(needs) if need is not None]
        found += [i for _, i in sorted(covered)[:each]]
    return list(dict.fromkeys(found))


def _marked(budgets: Budgets, found: Range, shown: list[int]) -> list[int]:
    """The regions whose limits change nearest to the present budget."""
    near = sorted(found.breaks, key=lambda one: (abs(one.budget - found.present), one))
    places = {code: i for i, code in enumerate(budgets.now.codes)}
    named = [places[one.region] for one in near if one.region in places]
    return [i for i in dict.fromkeys(named) if i in shown][: len(_LINES)]
