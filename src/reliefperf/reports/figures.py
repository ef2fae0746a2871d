"""Figures of a run, as pure functions that return a matplotlib Figure; nothing global is touched.

Each figure says in its title that data are synthetic, if they are. Texts are in the model's
language; `figure.savefig(...)` or the last line of a notebook cell shows one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from reliefperf.errors import InputError, Lang, Mistake, suggestion
from reliefperf.model.environment import Array
from reliefperf.model.spec_data import in_language
from reliefperf.reports.fonts import FAMILY, chinese_style
from reliefperf.scenarios.running import Run

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, PALE, GRID = "#22333b", "#6b7a83", "#e3e7e9"
BEST_TO_WORST = ("#0b6e6e", "#5fa8a0", "#d9a441", "#b4463c")
POOLS = ("#33658a", "#e09f3e", "#7a9e7e", "#9e6b82", "#8a8d91")

_YUAN = {"万元": 10_000.0, "元": 1.0}


def scores_against_money(
    run: Run,
    *,
    per: str | None = None,
    heads: str | None = None,
    pool: str = "total",
    lang: Lang | None = None,
) -> Figure:
    """Each region's score against its money, coloured by grade.

    `per` names a column to divide by (recipients, residents), `heads` says what it counts (the
    variable's title if not given); `pool` is one pool, or `total`.
    Raises InputError for unknown names and for a run without scores or money.
    """
    said = lang or run.model.language
    score, grades = _score(run), _grades(run)
    money, unit = _money(run, pool, per, heads, said)
    with chinese_style():
        figure, axes = canvas(9.0, 5.4)
        for grade, colour in _grade_colours(run):
            here = grades == grade
            axes.scatter(
                score[here], money[here], s=13, color=colour, alpha=0.55, linewidths=0, label=grade
            )
        axes.set_yscale("log")
        _plain_ticks(axes)
        for limit in _grade_limits(run):
            axes.axvline(limit, color=PALE, linewidth=0.8, linestyle=(0, (4, 3)), zorder=0)
        axes.set_xlabel("考评得分" if said == "zh" else "score")
        axes.set_ylabel(unit)
        axes.grid(axis="y", color=GRID, linewidth=0.8)
        legend = axes.legend(
            frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.0), markerscale=2.0
        )
        for handle in legend.legend_handles:
            if handle is not None:
                handle.set_alpha(1.0)
        what = _pool_title(run, pool, said)
        title(
            run,
            axes,
            f"得分与{what}" if said == "zh" else f"Score and {what}",
            f"每点一个地区，共 {len(score):,} 个；虚线为等次界限；纵轴为对数"
            if said == "zh"
            else f"one point a region, {len(score):,} in all; dashes are limits of grades; log axis",
            said,
        )
        return figure


def grade_counts(run: Run, *, by: str | None = None, lang: Lang | None = None) -> Figure:
    """How many regions got each grade, in all or `by` the groups of a column (a zone).

    Raises InputError for an unknown column and for a run without grades.
    """
    said = lang or run.model.language
    grades = _grades(run)
    everyone = "全部" if said == "zh" else "all"
    groups = _column(run, by) if by is not None else np.full(len(grades), everyone, dtype=object)
    names = _order(run, by, groups)
    with chinese_style():
        figure, axes = canvas(9.0, 1.9 + 0.62 * len(names))
        left = np.zeros(len(names))
        sizes = np.array([np.count_nonzero(groups == name) for name in names], dtype=float)
        for grade, colour in _grade_colours(run):
            counts = np.array([np.count_nonzero((groups == n) & (grades == grade)) for n in names])
            widths = 100 * counts / sizes
            axes.barh(names, widths, left=left, height=0.62, color=colour, label=grade)
            for place, (count, width) in enumerate(zip(counts.tolist(), widths, strict=True)):
                if width >= 4:
                    axes.text(
                        left[place] + width / 2,
                        place,
                        f"{count:,}",
                        ha="center",
                        va="center",
                        color="white",
                        fontsize=10,
                    )
            left = left + widths
        for place, size in enumerate(sizes.tolist()):
            axes.text(101, place, f"{size:,.0f}", va="center", color=PALE, fontsize=10)
        axes.set_xlim(0, 100)
        axes.invert_yaxis()
        axes.set_xlabel("占该组地区的比重（%）" if said == "zh" else "share of the group (%)")
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        axes.legend(
            frameon=False, ncols=6, loc="lower left", bbox_to_anchor=(-0.01, 1.0), borderpad=0
        )
        title(
            run,
            axes,
            "各等次地区数" if said == "zh" else "Regions by grade",
            "条内为地区数，右侧为合计"
            if said == "zh"
            else "counts in the bars, totals at the right",
            said,
            room=22,
        )
        return figure


def money_by_group(
    run: Run, *, by: str, per: str, heads: str | None = None, lang: Lang | None = None
) -> Figure:
    """Each pool's money per head, by the groups of a column: zones, or `by="grade"`.

    `per` names the column of heads, and `heads` says what it counts.

    Raises InputError for unknown names and for a run without money.
    """
    said = lang or run.model.language
    groups, counted = _column(run, by), _numbers(run, per)
    names = _order(run, by, groups)
    allocation = run.last.allocation
    if allocation is None:
        raise _none("money", "资金")
    factor, unit = _per_unit(run, per, heads, said)
    people = np.array([counted[groups == name].sum() for name in names])
    with chinese_style():
        figure, axes = canvas(9.0, 5.0)
        base = np.zeros(len(names))
        for number, pool in enumerate(allocation.pools):
            paid = np.array([float(amount) for amount in allocation.amounts(pool)])
            sums = np.array([paid[groups == name].sum() for name in names])
            height = factor * sums / people
            colour = POOLS[number % len(POOLS)]
            label = _pool_title(run, pool, said)
            axes.bar(names, height, bottom=base, width=0.56, color=colour, label=label)
            for place, value in enumerate(height.tolist()):
                if value >= 0.04 * float((base + height).max()):
                    axes.text(
                        place,
                        base[place] + value / 2,
                        f"{value:,.0f}",
                        ha="center",
                        va="center",
                        color="white",
                        fontsize=10,
                    )
            base = base + height
        for place, value in enumerate(base.tolist()):
            axes.annotate(
                f"{value:,.0f}",
                (place, value),
                xytext=(0, 4),
                textcoords="offset points",
                ha="center",
                color=INK,
                fontsize=11,
            )
        axes.set_ylim(0, 1.1 * float(base.max()))
        axes.set_ylabel(unit)
        axes.grid(axis="y", color=GRID, linewidth=0.8)
        axes.tick_params(axis="x", length=0)
        axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.0), reverse=True)
        title(
            run,
            axes,
            "人均资金的构成" if said == "zh" else "Money per head, by pool",
            "柱顶为合计" if said == "zh" else "totals above the columns",
            said,
        )
        return figure


# ---------------------------------------------------------------- what a run holds


def _none(en: str, zh: str) -> InputError:
    return InputError(Mistake.at(f"the run has no {en} to draw", f"该运行结果没有{zh}，无法作图"))


def _column(run: Run, name: str) -> NDArray[Any]:
    """A column of the last period by name: a variable, a derived column, a node, a grade."""
    columns = run.last.env.columns
    if name not in columns:
        en, zh = suggestion(name, columns)
        raise InputError(Mistake.at(f"no column '{name}'{en}", f"没有列“{name}”{zh}"))
    return np.asarray(run.last.env.full(columns[name]))


def _numbers(run: Run, name: str) -> Array:
    values = _column(run, name)
    if values.dtype == object:
        raise InputError(Mistake.at(f"'{name}' is not a number", f"“{name}”不是数值"))
    return np.asarray(values, dtype=float)


def _score(run: Run) -> Array:
    if run.last.evaluation is None:
        raise _none("scores", "得分")
    return run.last.evaluation.score


def _grades(run: Run) -> NDArray[np.object_]:
    evaluation = run.last.evaluation
    if evaluation is None or evaluation.grade is None:
        raise _none("grades", "等次")
    return evaluation.grade


def _money(
    run: Run, pool: str, per: str | None, heads: str | None, lang: Lang
) -> tuple[Array, str]:
    """Money by region and what the axis says of it."""
    allocation = run.last.allocation
    if allocation is None:
        raise _none("money", "资金")
    if pool != "total" and pool not in allocation.pools:
        en, zh = suggestion(pool, [*allocation.pools, "total"])
        raise InputError(Mistake.at(f"no pool '{pool}'{en}", f"没有资金池“{pool}”{zh}"))
    paid = np.array([float(amount) for amount in allocation.amounts(pool)])
    if per is None:
        return np.where(paid > 0, paid, np.nan), allocation.unit
    factor, unit = _per_unit(run, per, heads, lang)
    people = _numbers(run, per)
    share = np.divide(factor * paid, people, out=np.full(paid.shape, np.nan), where=people > 0)
    return np.where(share > 0, share, np.nan), unit


def _per_unit(run: Run, per: str, heads: str | None, lang: Lang) -> tuple[float, str]:
    """From money to money per head: the factor, and the axis's words (yuan where it is 万元)."""
    assert run.last.allocation is not None
    unit = run.last.allocation.unit
    factor = _YUAN.get(unit, 1.0)
    named = ("元" if lang == "zh" else "yuan") if unit in _YUAN else unit
    variable = run.model.spec.variables.get(per)
    if heads is None and variable is not None:
        heads = in_language(variable.title, lang, per)
    if lang == "zh":
        return factor, f"{named}/人（按{heads}）" if heads else f"{named}/人"
    return factor, f"{named} per head ({heads})" if heads else f"{named} per head"


def _pool_title(run: Run, pool: str, lang: Lang) -> str:
    if pool == "total":
        return "资金合计" if lang == "zh" else "all money"
    assert run.model.spec.allocation is not None
    return in_language(run.model.spec.allocation.pools[pool].title, lang, pool)


# ---------------------------------------------------------------- order and colours


def _bands(run: Run) -> list[str]:
    spec = run.model.spec.evaluation
    if spec is None or spec.grades is None:
        return []
    return [band.grade for band in spec.grades.bands]


def _grade_colours(run: Run) -> list[tuple[str, Any]]:
    from matplotlib.colors import LinearSegmentedColormap

    bands = _bands(run)
    if len(bands) == len(BEST_TO_WORST):
        return list(zip(bands, BEST_TO_WORST, strict=True))
    scale = LinearSegmentedColormap.from_list("grades", BEST_TO_WORST)
    return [(band, scale(i / max(1, len(bands) - 1))) for i, band in enumerate(bands)]


def _grade_limits(run: Run) -> list[float]:
    """The limits of the bands that are one number."""
    spec = run.model.spec.evaluation
    assert spec is not None
    if spec.grades is None:
        return []
    limits = []
    for band in spec.grades.bands:
        limit = band.at_least or band.above
        if limit is not None:
            values = np.atleast_1d(run.model.compiled(limit)(run.last.env))
            if np.all(values == values[0]):
                limits.append(float(values[0]))
    return limits


def _order(run: Run, by: str | None, groups: NDArray[Any]) -> list[str]:
    """The groups as the model lists them, else in the order of their names."""
    present = {str(name) for name in groups.tolist() if name is not None}
    listed: Sequence[str] = []
    if by == "grade":
        listed = _bands(run)
    elif by is not None and by in run.model.spec.variables:
        listed = [str(value) for value in run.model.spec.variables[by].values or []]
    named = [name for name in listed if name in present]
    return named or sorted(present)


# ---------------------------------------------------------------- drawing


def canvas(width: float, height: float) -> tuple[Figure, Axes]:
    """An empty figure in the house's style, its size in inches."""
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    layout = ConstrainedLayoutEngine(h_pad=0.1, w_pad=0.1)
    figure = Figure(figsize=(width, height), dpi=110, layout=layout)
    axes = figure.add_subplot()
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(PALE)
    axes.set_axisbelow(True)
    axes.tick_params(colors=INK, labelsize=10)
    for axis in (axes.xaxis, axes.yaxis):
        axis.label.set_color(INK)
        # labels of ticks are made when the figure is drawn, outside the style
        axis.set_tick_params(labelfontfamily=list(FAMILY))
    return figure, axes


def title(run: Run, axes: Axes, what: str, how: str, lang: Lang, room: float = 0) -> None:
    """The title, the word that the data are synthetic, and below them how to read the figure."""
    label = ""
    if run.is_synthetic:
        label = "（合成数据）" if lang == "zh" else " (synthetic data)"
    name = in_language(run.model.spec.title, lang, run.model.name)
    below = f"{name}；{how}" if lang == "zh" else f"{name}; {how}"
    axes.set_title(f"{what}{label}", loc="left", fontsize=15, color=INK, pad=room + 22)
    axes.annotate(
        below,
        (0, 1),
        xytext=(0, room + 7),
        xycoords="axes fraction",
        textcoords="offset points",
        fontsize=9.5,
        color=PALE,
    )
    if run.is_synthetic:
        full = in_language(run.model.spec.data.synthetic, lang)
        figure = axes.get_figure(root=True)
        assert figure is not None
        figure.supxlabel(full, x=0.012, ha="left", fontsize=8, color=PALE)


def _plain_ticks(axes: Axes) -> None:
    """A log axis with numbers such as 500 and 2,000 instead of powers of ten."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    axes.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}"))
    axes.yaxis.set_minor_formatter(NullFormatter())
