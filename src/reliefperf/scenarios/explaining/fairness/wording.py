"""What a counter-example says, in a sentence."""

from __future__ import annotations

from fractions import Fraction

from reliefperf.scenarios.explaining.fairness.finding import CounterExample, Finding
from reliefperf.scenarios.results.cells import number_text

TITLES = {
    "rows": ("order of rows changes nothing", "数据行次序不影响结果"),
    "rules": ("order of rules changes nothing", "规则次序不影响结果"),
    "equals": (
        "equal regions get equal amounts (to one unit)",
        "条件相同则金额相同（至多差一个单位）",
    ),
    "score": ("a better score never gets less", "得分提高，金额不减"),
    "budget": ("more money, nobody gets less", "总额增加，各地金额不减"),
    "split": ("two halves get what the whole got", "拆成两半，合计不变"),
}


def sentence(found: Finding, *, zh: bool) -> str:
    """The worst counter-example against a promise."""
    example = worst(found)
    name = f"{example.region} {example.name}".rstrip()
    first, second = grouped(example.first), grouped(example.second)
    if zh:
        return (
            f"{TITLES[found.promise][1]}：不成立。{example.zh}：{name}，"
            f"{_pool(example.pool, zh=True)} {first} 与 {second} {found.unit}"
            f"（{_why(example, zh=True)}）。"
        )
    return (
        f"{TITLES[found.promise][0]}: not so. {example.en}: {name}, "
        f"{_pool(example.pool, zh=False)}, {first} against {second} {found.unit} "
        f"({_why(example, zh=False)})."
    )


def worst(found: Finding) -> CounterExample:
    """The counter-example to show: one that rules make before one that only whole units make."""
    return max(found.against, key=lambda e: (not e.by_rounding, abs(e.first - e.second)))


def _why(example: CounterExample, *, zh: bool) -> str:
    if example.by_rounding:
        return "仅因取整：取整前成立" if zh else "by whole units alone: before them it holds"
    first, second = (grouped(x) for x in (example.first_before_units, example.second_before_units))
    return (
        f"由规则造成：取整前为 {first} 与 {second}"
        if zh
        else f"by the rules: before whole units {first} against {second}"
    )


def _pool(pool: str, *, zh: bool) -> str:
    if pool == "total":
        return "合计" if zh else "in all"
    return f"资金池“{pool}”" if zh else f"pool '{pool}'"


def money_text(amount: Fraction) -> str:
    """An amount with at most six decimals."""
    return number_text(round(float(amount), 6))


def grouped(amount: Fraction) -> str:
    """The same with its thousands apart, as sentences have it."""
    whole, point, part = money_text(amount).partition(".")
    return (
        f"{int(whole):,}{point}{part}" if whole.lstrip("-").isdigit() else f"{whole}{point}{part}"
    )
