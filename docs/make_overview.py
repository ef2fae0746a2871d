"""Draw docs/images/overview.png: one county of relief-2013 from its report to its money.

    python docs/make_overview.py

Every number in the picture comes from a run of the model; the data are synthetic and it says so.
"""

from __future__ import annotations

from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch, Rectangle

from reliefperf.reports.fonts import chinese_style
from reliefperf.scenarios.running import Run, run

OUTPUT = Path(__file__).resolve().parent / "images" / "overview.png"
COUNTY = "150785"

INK, PALE, LINE, CARD = "#22333b", "#6b7a83", "#c9d1d5", "#f6f8f8"
GREEN, GOLD, BLUE, RED = "#0b6e6e", "#e09f3e", "#33658a", "#b4463c"
SHADES = ("#0b6e6e", "#5fa8a0", "#d9a441", "#b4463c")

WIDTHS = (2.75, 2.1, 1.65, 2.5, 1.35, 2.2, 3.05)
HEADS = (
    ("上报数据", "reported data"),
    ("指标", "indicators"),
    ("计分", "points"),
    ("得分", "score"),
    ("等次", "grade"),
    ("应得额", "entitlement"),
    ("资金", "money"),
)
GAP, TOP, BOTTOM, FOOT = 0.3, 4.3, 0.62, 0.28
SHOWN: tuple[tuple[str, str, str, tuple[tuple[str, str], ...]], ...] = (
    (
        "direct_payment",
        "社会化发放率",
        "%",
        (("direct_paid_households", "社会化发放"), ("urban+rural_households", "低保户")),
    ),
    ("wrongful", "错保", "/百户", (("wrongful_cases", "错保"), ("sampled_households", "抽查户"))),
    (
        "staff_ratio",
        "每万人工作人员",
        "",
        (("staff", "工作人员"), ("resident_population", "常住人口")),
    ),
    ("satisfaction", "群众满意度", "%", (("satisfied", "满意"), ("surveyed", "调查人数"))),
)
RULES = {
    "expense-floor": "经费保底",
    "award-ratio": "奖补比例",
    "hold-harmless": "总额保底",
    "growth-limit": "增幅上限",
    "west-share": "西部占比",
    "rounding": "取整",
}


def picture(result: Run, code: str) -> Figure:
    """The whole picture for one county."""
    with chinese_style():
        figure = Figure(figsize=(15.6, 4.9), dpi=140)
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_xlim(-0.2, sum(WIDTHS) + GAP * (len(WIDTHS) - 1) + 0.2)
        axes.set_ylim(0, 5.3)
        axes.axis("off")
        lefts = [sum(WIDTHS[:k]) + GAP * k for k in range(len(WIDTHS))]
        for k, (left, width, head) in enumerate(zip(lefts, WIDTHS, HEADS, strict=True)):
            _card(axes, left, width, *head)
            if k:
                _arrow(axes, left - GAP, left)
        _rows(axes, result, code, lefts)
        _score(axes, result, code, lefts[3], WIDTHS[3])
        _grade(axes, result, code, lefts[4], WIDTHS[4])
        _entitlement(axes, result, code, lefts[5], WIDTHS[5])
        _money(axes, result, code, lefts[6], WIDTHS[6])
        axes.text(
            0,
            FOOT,
            "合成数据：数字随机生成，不反映任何地区的真实情况；模型 relief-2013 中的一个县，34 个指标取其四，"
            "金额单位万元。",
            fontsize=9,
            color=PALE,
            va="center",
        )
        axes.text(
            lefts[-1] + WIDTHS[-1],
            FOOT,
            "Synthetic data: one county of relief-2013; four of its 34 indicators; money in 10,000 yuan.",
            fontsize=9,
            color=PALE,
            va="center",
            ha="right",
        )
        return figure


def _card(axes: Axes, left: float, width: float, zh: str, en: str) -> None:
    axes.add_patch(
        FancyBboxPatch(
            (left + 0.05, BOTTOM),
            width - 0.1,
            TOP - BOTTOM,
            boxstyle="round,pad=0.05,rounding_size=0.1",
            facecolor=CARD,
            edgecolor=LINE,
            linewidth=1.0,
        )
    )
    axes.text(left + width / 2, 4.95, zh, ha="center", va="center", fontsize=15, color=INK)
    axes.text(left + width / 2, 4.6, en, ha="center", va="center", fontsize=10, color=PALE)


def _arrow(axes: Axes, start: float, end: float) -> None:
    axes.annotate(
        "",
        (end - 0.03, 4.78),
        (start - 0.12, 4.78),
        arrowprops={"arrowstyle": "-|>", "color": GREEN, "linewidth": 1.8, "mutation_scale": 13},
    )


def _at(result: Run, name: str, code: str) -> float:
    env = result.last.env
    place = env.codes.index(code)
    return sum(
        float(env.columns[part][place])
        for part in (("urban_households", "rural_households") if "+" in name else (name,))
    )


def _rows(axes: Axes, result: Run, code: str, lefts: list[float]) -> None:
    """Four indicators across the first three cards."""
    evaluation = result.last.evaluation
    assert evaluation is not None
    place = evaluation.codes.index(code)
    for number, (node, title, unit, columns) in enumerate(SHOWN):
        y = 3.86 - 0.86 * number
        for k, (column, label) in enumerate(columns):
            height = y + 0.15 - 0.34 * k
            axes.text(lefts[0] + 0.15, height, label, fontsize=10.5, color=PALE, va="center")
            axes.text(
                lefts[0] + WIDTHS[0] - 0.15,
                height,
                f"{_at(result, column, code):,.0f}",
                fontsize=11,
                color=INK,
                va="center",
                ha="right",
            )
        if number:
            for left, width in zip(lefts[:3], WIDTHS[:3], strict=True):
                axes.plot([left + 0.15, left + width - 0.15], [y + 0.42] * 2, color=LINE, lw=0.8)
        indicator = evaluation.indicators[node]
        value = f"{float(indicator.value[place]):.2f}".rstrip("0").rstrip(".")
        centre = lefts[1] + WIDTHS[1] / 2
        axes.text(centre, y + 0.15, title, fontsize=10.5, color=PALE, ha="center", va="center")
        axes.text(
            centre, y - 0.19, f"{value}{unit}", fontsize=12.5, color=INK, ha="center", va="center"
        )
        points, full = float(indicator.points[place]), indicator.full_marks
        left, width = lefts[2] + 0.2, WIDTHS[2] - 0.4
        shown = f"{points:.2f}".rstrip("0").rstrip(".")
        axes.text(
            lefts[2] + WIDTHS[2] / 2,
            y + 0.13,
            f"{shown} / {full:g}",
            fontsize=11.5,
            color=INK,
            ha="center",
            va="center",
        )
        axes.add_patch(Rectangle((left, y - 0.24), width, 0.13, color="#e1e6e8", lw=0))
        axes.add_patch(Rectangle((left, y - 0.24), width * points / full, 0.13, color=GREEN, lw=0))


def _score(axes: Axes, result: Run, code: str, left: float, width: float) -> None:
    """The score, and the seven contents that it is the sum of."""
    evaluation = result.last.evaluation
    assert evaluation is not None
    spec = result.model.spec.evaluation
    assert spec is not None
    place = evaluation.codes.index(code)
    axes.text(
        left + width / 2,
        3.87,
        f"{evaluation.score[place]:.2f}",
        fontsize=24,
        color=GREEN,
        ha="center",
        va="center",
    )
    short = ("政策落实", "规范运行", "资金管理", "基层能力", "突发事件", "监督检查", "其他事项")
    start, room = left + 1.0, width - 1.83
    for number, (node, name) in enumerate(zip(spec.tree, short, strict=True)):
        y = 3.3 - 0.395 * number
        points, full = float(evaluation.values(node.id)[place]), evaluation.full_marks(node.id)
        axes.text(left + 0.15, y, name, fontsize=10, color=PALE, va="center")
        axes.add_patch(Rectangle((start, y - 0.065), room, 0.13, color="#e1e6e8", lw=0))
        axes.add_patch(Rectangle((start, y - 0.065), room * points / full, 0.13, color=GREEN, lw=0))
        axes.text(
            left + width - 0.12,
            y,
            f"{points:.1f}/{full:g}",
            fontsize=9,
            color=INK,
            va="center",
            ha="right",
        )


def _grade(axes: Axes, result: Run, code: str, left: float, width: float) -> None:
    """The ladder of grades; the county's own is filled."""
    evaluation = result.last.evaluation
    assert evaluation is not None and evaluation.grade is not None
    own = evaluation.grade[evaluation.codes.index(code)]
    bands = (("优秀", "≥ 90"), ("良好", "≥ 80"), ("合格", "≥ 60"), ("不合格", "< 60"))
    for number, ((grade, limit), shade) in enumerate(zip(bands, SHADES, strict=True)):
        y = 3.43 - 0.86 * number
        mine = grade == own
        axes.add_patch(
            FancyBboxPatch(
                (left + 0.2, y),
                width - 0.4,
                0.62,
                boxstyle="round,pad=0,rounding_size=0.08",
                facecolor=shade if mine else "white",
                edgecolor=shade if mine else LINE,
                linewidth=1.0,
            )
        )
        colour = "white" if mine else PALE
        middle = left + width / 2
        axes.text(middle, y + 0.41, grade, fontsize=12, color=colour, ha="center", va="center")
        axes.text(middle, y + 0.17, limit, fontsize=8.5, color=colour, ha="center", va="center")


def _entitlement(axes: Axes, result: Run, code: str, left: float, width: float) -> None:
    """What the formula alone gives, by pool."""
    allocation = result.last.allocation
    assert allocation is not None
    place = allocation.codes.index(code)
    pools = (
        ("base", "基本补助", "工作量×困难×努力", BLUE),
        ("award", "以奖代补", "工作量×等次×得分", GOLD),
        ("expense_grant", "工作经费", "乡镇和人数×得分", GREEN),
    )
    for number, (pool, title, formula, colour) in enumerate(pools):
        y = 3.72 - 0.93 * number
        amount = float(allocation.entitlements(pool)[place])
        axes.add_patch(Rectangle((left + 0.16, y - 0.38), 0.07, 0.68, color=colour, lw=0))
        axes.text(left + 0.33, y + 0.15, title, fontsize=11, color=INK, va="center")
        axes.text(left + 0.33, y - 0.22, formula, fontsize=8.5, color=PALE, va="center")
        axes.text(
            left + width - 0.14,
            y + 0.15,
            f"{amount:,.1f}",
            fontsize=12,
            color=INK,
            ha="right",
            va="center",
        )
    axes.plot([left + 0.15, left + width - 0.15], [1.22] * 2, color=LINE, lw=1)
    total = float(allocation.entitlements("total")[place])
    axes.text(left + 0.16, 0.93, "合计", fontsize=11, color=INK, va="center")
    axes.text(
        left + width - 0.14,
        0.93,
        f"{total:,.1f}",
        fontsize=13,
        color=INK,
        ha="right",
        va="center",
    )


def _money(axes: Axes, result: Run, code: str, left: float, width: float) -> None:
    """From the entitlement to whole units, rule by rule."""
    allocation = result.last.allocation
    assert allocation is not None
    place = allocation.codes.index(code)
    before = float(allocation.entitlements("total")[place])
    steps: list[tuple[str, float]] = [("应得额", before)]
    for number, rule in enumerate(allocation.steps("base")):
        after = sum(float(p.stages[number].amounts[place]) for p in allocation.pools.values())
        if abs(after - before) >= 0.05:
            steps.append((RULES[rule], after - before))
        before = after
    paid = float(allocation.amounts("total")[place])
    steps.append((RULES["rounding"], paid - before))
    gap = min(0.5, 2.35 / len(steps))
    for number, (title, amount) in enumerate(steps):
        y = 3.87 - gap * number
        axes.text(left + 0.16, y, title, fontsize=10.5, color=PALE, va="center")
        text = f"{amount:,.1f}" if number == 0 else f"{amount:+,.1f}".replace("-", "−")
        colour = INK if number == 0 else (GREEN if amount >= 0 else RED)
        axes.text(
            left + width - 0.14, y, text, fontsize=11.5, color=colour, ha="right", va="center"
        )
    axes.plot([left + 0.15, left + width - 0.15], [1.5] * 2, color=LINE, lw=1)
    axes.text(left + 0.16, 1.17, "实际分配", fontsize=11, color=INK, va="center")
    axes.text(
        left + width - 0.14, 1.17, f"{paid:,.0f}", fontsize=19, color=GREEN, ha="right", va="center"
    )
    axes.text(
        left + width / 2,
        0.8,
        "整数，合计正好等于预算",
        fontsize=8.5,
        color=PALE,
        ha="center",
        va="center",
    )


def main() -> None:
    """Run the model and draw."""
    OUTPUT.parent.mkdir(exist_ok=True)
    picture(run("relief-2013"), COUNTY).savefig(
        OUTPUT, facecolor="white", metadata={"Software": None}
    )


if __name__ == "__main__":
    main()
