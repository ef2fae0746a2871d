"""What messages call rules, pools and regions: the id or code, and the title or name beside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from reliefperf.model.environment import Environment
from reliefperf.model.model import Model
from reliefperf.model.spec_data import in_language

MOST_NAMED = 5
"""Regions or rows that a message names before it says how many more there are."""

type Words = tuple[str, str]
"""The same in English and in Chinese."""

SIDES: dict[str, Words] = {
    "at_least": ("from below", "下限"),
    "at_most": ("from above", "上限"),
    "least_amount": ("from below", "下限"),
    "most_amount": ("from above", "上限"),
}
"""How the side of a group's limit is called, which ends the name of its row."""

_OBJECTIVES: dict[str, str] = {
    "shortfall": "软性规则的缺口",
    "entitlement": "与测算额的距离",
    "change": "与上年的变动",
    "coverage": "最低需求满足率",
    "performance": "绩效加权分配额",
}


BETWEEN = {" >= ": "不低于 ", " = ": "等于 "}
"""What stands between the two regions that a row of an order compares, and how it is read."""


def pair_of(row: str) -> tuple[str, str, str] | None:
    """The better region, what stands between, the other; None where a row compares none."""
    for between in BETWEEN:
        one, found, other = row.partition(between)
        if found:
            return one, between, other
    return None


def group_words(row: str) -> Words | None:
    """What a row of a group's limit is called; None for any other row."""
    group, _, side = row.rpartition(" ")
    if side not in SIDES:
        return None
    en, zh = SIDES[side]
    return f"group '{group}' {en}", f"“{group}”组{zh}"


@dataclass(frozen=True)
class Naming:
    """The titles of a model's rules and pools, by id, and the names of regions, by code."""

    titles: Mapping[str, Words] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, model: Model, env: Environment) -> Naming:
        """Those of a model and of the regions of a period."""
        spec = model.spec.allocation
        assert spec is not None
        titled = {name: pool.title for name, pool in spec.pools.items()}
        titled |= {rule.id: rule.title for rule in spec.rules}
        titles = {
            name: (in_language(title, "en", name), in_language(title, "zh", name))
            for name, title in titled.items()
        }
        known = env.columns.get("region_name")
        names = env.codes if known is None else env.full(known)
        return cls(
            titles, {code: str(name or code) for code, name in zip(env.codes, names, strict=True)}
        )

    def rule(self, rule: str) -> Words:
        """A rule or pool in quotation marks, with its title."""
        en, zh = self.titles.get(rule, (rule, rule))
        return (
            f"'{rule}'" + (f" ({en})" if en != rule else ""),
            f"“{rule}”" + (f"（{zh}）" if zh != rule else ""),
        )

    def stated(self, rule: str) -> Words:
        """What sets a row of a program: a rule, or the total of a pool, the budget, an objective."""
        if rule in self.titles:
            en, zh = self.rule(rule)
            return f"rule {en}", f"规则{zh}"
        kind, _, name = rule.partition(" ")
        en, zh = self.rule(name)
        if rule == "budget":
            return "the budget", "预算"
        if kind == "pool":
            return f"the total of pool {en}", f"资金池{zh}的总额"
        if kind == "objective":
            return f"objective {en}", f"目标“{_OBJECTIVES.get(name, name)}”"
        return rule, rule

    def rules(self, rules: Iterable[str]) -> Words:
        """Several rules, in the order of their ids."""
        words = [self.rule(rule) for rule in sorted(set(rules))]
        return ", ".join(en for en, _ in words), "、".join(zh for _, zh in words)

    def is_region(self, row: str) -> bool:
        """Whether a row is named by the code of a region."""
        return row in self.names

    def region(self, code: str) -> Words:
        """A region's code and name."""
        name = self.names.get(code, code)
        return (code, code) if name == code else (f"{code} ({name})", f"{code}（{name}）")

    def row(self, row: str) -> Words:
        """What a row of a rule is called: a region, two regions that are compared, or a group."""
        pair = pair_of(row)
        if pair is not None and {pair[0], pair[2]} <= self.names.keys():
            one, between, other = pair
            (one_en, one_zh), (two_en, two_zh) = self.region(one), self.region(other)
            return f"{one_en}{between}{two_en}", f"{one_zh}{BETWEEN[between]}{two_zh}"
        return group_words(row) or self.region(row)

    def regions(self, codes: Iterable[str]) -> Words:
        """Several regions, at most MOST_NAMED and how many more there are."""
        listed = list(codes)
        words = [self.region(code) for code in listed[:MOST_NAMED]]
        rest = len(listed) - len(words)
        return (
            ", ".join(en for en, _ in words) + (f" and {rest} more" if rest else ""),
            "、".join(zh for _, zh in words) + (f" 等 {len(listed)} 个地区" if rest else ""),
        )

    def regions_with(self, valued: Iterable[tuple[str, str]]) -> Words:
        """Several regions, each with a value, at most MOST_NAMED and how many more there are."""
        listed = list(valued)
        words = [(*self.region(code), value) for code, value in listed[:MOST_NAMED]]
        rest = len(listed) - len(words)
        return (
            ", ".join(f"{en}: {value}" for en, _, value in words)
            + (f" and {rest} more" if rest else ""),
            "、".join(f"{zh}为 {value}" for _, zh, value in words)
            + (f" 等 {len(listed)} 个地区" if rest else ""),
        )

    def amount(self, name: str) -> Words:
        """A region's amount, as programs call it: the pool and the code, or the code alone."""
        pool, _, code = name.rpartition(":")
        if not pool:
            return self.region(name)
        (pool_en, pool_zh), (en, zh) = self.rule(pool), self.region(code)
        return f"{en}, pool {pool_en}", f"{zh}，资金池{pool_zh}"


UNNAMED = Naming()
"""Ids and codes as they are."""
