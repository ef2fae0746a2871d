"""Infeasible is an answer: which rules are at odds, by how much, and what each must give way.

In this order: a contradiction of two rules found by folding, without a solver; else multipliers
that prove it, grouped by rule into one sentence ("the floors need 2,025, the budget gives 1,823").
Small programs name no rule that is not needed, and say how much money would mend it in all; both
times it is said how much each rule must give way if it alone does. Bounds that the program itself
sets on amounts are reasons only where the rules alone do not contradict each other.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from reliefperf.allocation.contradicting import (
    NOISE,
    Term,
    gives_way,
    multipliers,
    opened,
    proof,
    reduced,
    restricted,
)
from reliefperf.allocation.folding import CompiledLp, Contradiction, FoldedLp, fold
from reliefperf.allocation.naming import Naming, Words
from reliefperf.allocation.program import ONE, Floats, exact

SMALL_ROWS, SMALL_RULES, FEW_RULES = 2000, 40, 3
"""So many rules are reduced, in a program of more rows only a few: each step solves a program."""

SAME = 1e-9
"""Multipliers, and sums of money, that differ by less than this part are the same."""

type Side = Literal["low", "high"]


@dataclass(frozen=True)
class RuleAtOdds:
    """A rule that takes part in the contradiction.

    Its rows ask for at least (`low`) or allow at most (`high`) `amount`, each row weighted as in
    the contradiction; `rows` are their names. `missed` is the least sum by which its rows must
    give way if no other rule does; infinite if that alone mends nothing. A rule of "" stands for
    the columns' own bounds. `stated` is the sum of the rows' sides as they are, None if it is
    `amount`; each then counts `times` times, None if that differs by row.
    """

    rule: str
    side: Side
    amount: float
    missed: float
    rows: tuple[str, ...] = ()
    stated: float | None = None
    times: float | None = None


@dataclass(frozen=True)
class Infeasibility:
    """The rules at odds and `missed`, the least sum by which all rules together must give way.

    What the `low` sides need is more than what the `high` sides allow. `missed` is infinite where
    it was not sought. `proven` says whether that holds in exact numbers, `reduced` whether the rules
    are so few that without any one of them the others can hold. `crossed`: two limits on the same
    amount or sum contradict each other, for which nothing was solved.
    """

    rules: tuple[RuleAtOdds, ...]
    missed: float
    proven: bool = True
    reduced: bool = True
    crossed: bool = False

    def times(self, unit: float) -> Infeasibility:
        """The same with all money multiplied by `unit`."""
        rules = (
            replace(
                odd,
                amount=odd.amount * unit,
                missed=odd.missed * unit,
                stated=None if odd.stated is None else odd.stated * unit,
            )
            for odd in self.rules
        )
        return replace(self, rules=tuple(rules), missed=self.missed * unit)


def diagnose(
    lp: CompiledLp,
    *,
    reasons: bool = True,
    open_above: bool = False,
    within: CompiledLp | None = None,
) -> Infeasibility | None:
    """Say why a compiled program has no feasible point; None if it has one.

    With `open_above` the columns' own upper bounds are no reason as long as rules alone are one.
    Without `reasons` it is only proved that it has none, in a sixth of the time. `within` is the
    program with rows that its other rows imply: they are no reason, but must hold, or give way
    themselves, where others give way.
    """
    lp = restricted(lp, lp.rules)
    ends, found = lp.upper, None
    if reasons and open_above and (found := _reasons(opened(lp), ends)) is not None:
        lp = opened(lp)
        within = None if within is None else opened(within)
    else:
        found = _reasons(lp, ends)
    if found is None:
        return None
    at_odds, proven = found
    if not reasons:
        return Infeasibility((), math.inf, proven)
    small = len(lp.rows) <= SMALL_ROWS
    named = {odd.rule for odd in at_odds}
    rules = [rule for rule in dict.fromkeys(lp.rules) if rule in named]
    reduces = len(rules) <= (SMALL_RULES if small else FEW_RULES)
    if reduces:
        needed = reduced(lp, rules, ends)
        again = _reasons(restricted(lp, needed), ends) if needed != rules else None
        if again is not None:
            at_odds, proven = again
    lp = lp if within is None else restricted(within, within.rules)
    missed = gives_way(lp, lp.rules) if small else math.inf
    alone = {rule: gives_way(lp, [rule]) for rule in {odd.rule for odd in at_odds} if rule}
    return Infeasibility(
        tuple(replace(odd, missed=alone.get(odd.rule, math.inf)) for odd in at_odds),
        missed,
        proven,
        reduces,
    )


def contradicted(found: Sequence[Contradiction]) -> Infeasibility:
    """What folding found, without any solving."""
    return Infeasibility(tuple(_from_contradictions(found)), math.inf, crossed=True)


def _reasons(lp: CompiledLp, ends: Floats) -> tuple[list[RuleAtOdds], bool] | None:
    """The rules at odds and whether that is proved; None if they are not at odds."""
    folded = fold(lp)
    if not isinstance(folded, FoldedLp):
        return _from_contradictions(folded), True
    weights = multipliers(folded)
    if weights is None:
        return None
    terms, proven = proof(folded, weights, ends)
    return _grouped(lp, terms), proven


def describe(
    infeasibility: Infeasibility,
    unit: str,
    naming: Naming | None = None,
    *,
    others_may: bool = False,
) -> tuple[str, str]:
    """The contradiction in a few sentences, in English and in Chinese; `unit` is the money.

    `naming` gives the titles of rules and pools. With `others_may` there are rules beside these
    that may give way and are not counted.
    """
    called: Callable[[str], Words] = naming.stated if naming is not None else _quoted
    paying = [odd for odd in infeasibility.rules if _number(odd.amount) != "0"]
    lows = [odd for odd in paying if odd.side == "low"]
    highs = [odd for odd in paying if odd.side == "high"] or [
        odd for odd in infeasibility.rules if odd.side == "high" and odd.rule
    ]
    if highs and lows:
        en = (
            f"The rules cannot all hold: {_list_en(lows, 'needs at least', unit, called)}, but"
            f" {_list_en(highs, 'allows at most', unit, called)}"
        )
        zh = (
            f"各项规则不能同时成立：{_list_zh(lows, '至少需要', unit, called)}，但"
            f"{_list_zh(highs, '至多允许', unit, called)}"
        )
        said = {odd.rule for odd in (*lows, *highs)} | {""}
        rules = dict.fromkeys(odd.rule for odd in infeasibility.rules)
        silent = [called(rule) for rule in rules if rule not in said]
        if silent:
            en += ", together with " + ", ".join(words for words, _ in silent)
            zh += "，并与" + "、".join(words for _, words in silent) + "一起"
    else:
        # Sides of 0, as those of shares and ratios, say nothing about amounts.
        names = list(dict.fromkeys(odd.rule for odd in infeasibility.rules if odd.rule))
        en = "The rules cannot all hold"
        zh = "各项规则不能同时成立"
        if len(names) > 1:
            en = "These rules cannot hold together: " + ", ".join(called(name)[0] for name in names)
            zh = "以下规则不能同时成立：" + "、".join(called(name)[1] for name in names)
        elif names:
            (one, one_zh) = called(names[0])
            en, zh = f"{one[0].upper()}{one[1:]} cannot hold", f"{one_zh}无法满足"
    more_en, more_zh = _what_mends(infeasibility, unit, called, others_may)
    en, zh = f"{en}{more_en}.", f"{zh}{more_zh}。"
    if not infeasibility.reduced:
        en += " Not reduced: fewer of these rules may be at odds already."
        zh += "（未作精简：其中部分规则可能已相互矛盾。）"
    if not infeasibility.proven:
        en += " The solver says so; it was not proved in exact numbers."
        zh += "（此为求解器结论，未能精确证明。）"
    return en, zh


def _what_mends(
    infeasibility: Infeasibility, unit: str, called: Callable[[str], Words], others_may: bool
) -> Words:
    """By how much rules must give way, all of them or one alone; empty where that is not known."""
    who, who_zh, one, one_zh = "The rules", "各规则合计", "one rule alone", "只放宽一项时"
    if others_may:
        who, who_zh = "Rules that may be relaxed aside, the others", "可放宽的规则之外，其余合计"
        one, one_zh = "one of these alone", "其中只放宽一项时"
    en = zh = ""
    if math.isfinite(infeasibility.missed):
        missed = _number(infeasibility.missed)
        en += f". {who} must give way by {missed} {unit} in all"
        zh += f"。{who_zh}至少须让出 {missed} {unit}"
    alone = {odd.rule: odd.missed for odd in infeasibility.rules if odd.rule}
    mending = [(rule, least) for rule, least in alone.items() if math.isfinite(least)]
    if mending:
        en += f"; {one} would do: " + ", ".join(
            f"{called(rule)[0]} by {_number(least)} {unit}" for rule, least in mending
        )
        zh += f"；{one_zh}：" + "，".join(
            f"{called(rule)[1]}须让出 {_number(least)} {unit}" for rule, least in mending
        )
    return en, zh


def _from_contradictions(found: Iterable[Contradiction]) -> list[RuleAtOdds]:
    """The two rules that contradict each other most, with the sums over their rows."""
    pairs: dict[tuple[str, str], list[Contradiction]] = defaultdict(list)
    for contradiction in found:
        pairs[contradiction.low_rule, contradiction.high_rule].append(contradiction)
    worst = max(pairs.values(), key=lambda rows: sum(row.low - row.high for row in rows))
    return [
        RuleAtOdds(
            worst[0].low_rule,
            "low",
            sum(row.low for row in worst),
            math.inf,
            tuple(row.low_row for row in worst if row.low_row),
        ),
        RuleAtOdds(
            worst[0].high_rule,
            "high",
            sum(row.high for row in worst),
            math.inf,
            tuple(row.high_row for row in worst if row.high_row),
        ),
    ]


def _grouped(lp: CompiledLp, terms: Iterable[Term]) -> list[RuleAtOdds]:
    """One entry a rule and side: what is needed first, each side's largest first.

    The money of a rule that counts most of all counts once.
    """
    terms = list(terms)
    paying = [term.times for term in terms if term.row >= 0 and term.amount]
    most = max(paying, default=ONE)
    noise = exact(NOISE) * max((term.times for term in terms), default=ONE)
    sums: dict[tuple[Side, str], Fraction] = defaultdict(Fraction)
    stated: dict[tuple[Side, str], Fraction] = defaultdict(Fraction)
    times: dict[tuple[Side, str], set[Fraction]] = defaultdict(set)
    names: dict[tuple[Side, str], list[str]] = defaultdict(list)
    for term in terms:
        key: tuple[Side, str] = ("low" if term.rising else "high", lp.rule_of(term.row))
        if term.row < 0 and not term.amount:
            continue
        amount = (term.amount if term.rising else -term.amount) / most
        sums[key] += amount
        counts = term.times / most
        if (
            term.times <= noise
        ):  # what a solver's noise leaves of a multiplier counts for next to nothing
            stated[key] += amount
        elif amount:
            stated[key] += amount / counts
            times[key].add(counts)
        if term.row >= 0:
            names[key].append(lp.rows[term.row])
    order = sorted(sums, key=lambda key: (key[0] == "high", -sums[key], key[1]))
    found = []
    for key in order:
        side, rule = key
        odd = RuleAtOdds(rule, side, float(sums[key]) + 0.0, math.inf, tuple(names[key]))
        if not math.isclose(stated[key], sums[key], rel_tol=SAME):
            low, high = min(times[key]), max(times[key])
            alike = math.isclose(low, high, rel_tol=SAME)
            odd = replace(odd, stated=float(stated[key]), times=float(high) if alike else None)
        found.append(odd)
    return found


def _number(value: float) -> str:
    """Two decimals, below 1 three digits, as where money is counted in 亿元; noise is 0."""
    shown = f"{value:,.2f}" if abs(value) >= 1 else f"{float(f'{value:.3g}'):.6f}"
    text = shown.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _money(odd: RuleAtOdds, unit: str) -> Words:
    """The money of a rule as it is stated, and what of it counts where that is another sum."""
    if odd.stated is None:
        return (f"{_number(odd.amount)} {unit}",) * 2
    stated, counted = f"{_number(odd.stated)} {unit}", _number(odd.amount)
    if odd.times is None:
        return (
            f"{stated} (not each in full: {counted} count)",
            f"{stated}（非全额计入，计为 {counted}）",
        )
    times = f"{odd.times:.6g}"
    return (
        f"{stated} (counted {times} times: {counted})",
        f"{stated}（按 {times} 倍计为 {counted}）",
    )


def _quoted(rule: str) -> Words:
    return f"'{rule}'", f"“{rule}”"


def _list_en(odds: list[RuleAtOdds], verb: str, unit: str, called: Callable[[str], Words]) -> str:
    parts = (
        f"{called(odd.rule)[0]} {verb} {_money(odd, unit)[0]}"
        if odd.rule
        else f"what formulas fix and bounds of single amounts make {_money(odd, unit)[0]}"
        for odd in odds
    )
    return " and ".join(parts)


def _list_zh(odds: list[RuleAtOdds], verb: str, unit: str, called: Callable[[str], Words]) -> str:
    parts = (
        f"{called(odd.rule)[1]}{verb} {_money(odd, unit)[1]}"
        if odd.rule
        else f"公式定额及金额自身的上下限合计 {_money(odd, unit)[1]}"
        for odd in odds
    )
    return "，".join(parts)
