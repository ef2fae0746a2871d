"""What people are told of a relaxation: in an error that offers it, in notes, in a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from reliefperf.allocation.cutting import BUDGET
from reliefperf.allocation.naming import MOST_NAMED, Naming, Words, pair_of
from reliefperf.allocation.relaxing import Relaxation, amount_text, by_rule, given_up
from reliefperf.allocation.rules.base import TOTAL
from reliefperf.allocation.rules.ratio import PoolRatio
from reliefperf.errors import InfeasibleError, Note
from reliefperf.model.environment import Environment
from reliefperf.model.model import Model

HEADER = (
    "rule",
    "row",
    "side",
    "limit",
    "relaxed_by",
    "new_limit",
    "before_whole_units",
    "priority",
)
"""The columns of a table of relaxations."""

OFFERED = (*HEADER[:6], HEADER[-1])
"""The columns where no whole units are known yet."""


def in_words(items: Sequence[Relaxation], unit: str, naming: Naming) -> Words:
    """Which rules give way, in how many places and by how much, in English and in Chinese."""
    parts_en, parts_zh = [], []
    for rule, own in by_rule(items).items():
        if rule == BUDGET:
            en, zh = _cuts(own, unit, naming)
        else:
            (rule_en, rule_zh), total = naming.rule(rule), amount_text(given_up(own))
            most = sorted(own, key=lambda item: (-item.by, item.row))[:MOST_NAMED]
            rest = len(own) - len(most)
            rows = [(naming.row(item.row), amount_text(item.by)) for item in most]
            en = ", ".join(f"{row} by {by}" for (row, _), by in rows)
            zh = "，".join(f"{row} 让 {by}" for (_, row), by in rows)
            en = f"{rule_en} by {total} {unit} in all ({en}{f' and {rest} more' if rest else ''})"
            zh = f"{rule_zh}共让 {total} {unit}（{zh}{f' 等 {len(own)} 处' if rest else ''}）"
        parts_en.append(en)
        parts_zh.append(zh)
    return "; ".join(parts_en), "；".join(parts_zh)


def _cuts(items: Sequence[Relaxation], unit: str, naming: Naming) -> Words:
    """By how much the budget cuts pools."""
    words = [
        (naming.rule(item.row), amount_text(item.limit), amount_text(item.by)) for item in items
    ]
    en = ", ".join(f"{pool} by {by} of {limit} {unit}" for (pool, _), limit, by in words)
    zh = "，".join(f"{pool}（应付 {limit} {unit}）削减 {by}" for (_, pool), limit, by in words)
    return f"the budget cuts what pools would pay: {en}", f"预算削减各资金池的应付金额：{zh}"


def offered(
    model: Model, env: Environment, error: InfeasibleError, items: Sequence[Relaxation]
) -> InfeasibleError:
    """The error with the cheapest relaxation in words and as a table."""
    spec = model.spec.allocation
    assert spec is not None
    naming = Naming.of(model, env)
    if not items:
        en = (
            "Settled together, in fractions of the smallest amount, all rules can hold; with --relax "
            "single units give way, or regions of weight 0 take what no other may."
        )
        zh = (
            "各资金池一并计算且不取整时，各项规则均可成立；用 --relax 时可放宽个别单位，"
            "或由权重为零的地区承接其他地区不能再得的金额。"
        )
        if any(rule.key == "minimum_grant" and rule.soft is None for rule in spec.rules):
            en += " A minimum grant that nobody reaches then is taken from nobody, or not from the last."
            zh += "无人达到的最低拨付额届时不再使所有地区落空。"
    elif not any(item.before for item in items):
        words_en, words_zh = in_words(items, spec.unit, naming)
        en = f"In fractions all rules hold. A relaxation by units: {words_en}. With --relax it is applied."
        zh = f"不取整时各项规则均可成立。按整数单位的放宽：{words_zh}。用 --relax 采用。"
    else:
        words_en, words_zh = in_words(items, spec.unit, naming)
        en = f"The cheapest relaxation, before whole units: {words_en}. With --relax it is applied."
        zh = f"最小的放宽（取整前）：{words_zh}。用 --relax 采用。"
    terms_en, terms_zh = own_terms(model, items, naming)
    en, zh = en + terms_en, zh + terms_zh
    found = InfeasibleError(
        [*error.mistakes, model.document.mistake(("allocation", "rules"), en, zh)]
    )
    if items:
        found.remedy = (OFFERED, *(row_texts(item, naming) for item in items))
    return found


def own_terms(model: Model, items: Sequence[Relaxation], naming: Naming) -> Words:
    """What the limits of rules are of that compare pools: not of an amount but of a difference."""
    spec = model.spec.allocation
    assert spec is not None
    given = {item.rule for item in items}
    en = zh = ""
    for rule in spec.rules:
        if isinstance(rule, PoolRatio) and rule.id in given:
            rule_en, rule_zh = naming.rule(rule.id)
            (one, one_zh), (to, to_zh) = _amount(rule.pool, naming), _amount(rule.to, naming)
            text = rule.ratio.text
            times = text if set(text) <= set("0123456789.") else f"({text})"
            en += f" The limits of {rule_en} are of {one} - {times} × {to}, not of an amount."
            zh += f"规则{rule_zh}的限额是“{one_zh} − {times} × {to_zh}”的限额，不是金额本身的限额。"
    return en, zh


def _amount(named: str | list[str], naming: Naming) -> Words:
    """The pools of one side of a comparison, by their titles."""
    if named == TOTAL:
        return "the total", "合计"
    titles = [
        naming.titles.get(pool, (pool, pool))
        for pool in ([named] if isinstance(named, str) else named)
    ]
    en, zh = (" + ".join(words) for words in zip(*titles, strict=True))
    return (en, zh) if len(titles) == 1 else (f"({en})", f"（{zh}）")


def row_texts(item: Relaxation, naming: Naming) -> tuple[str, ...]:
    """One relaxation as a row of texts for a terminal; a region's name stands beside its code."""
    one, between, other = pair_of(item.row) or (item.row, "", "")
    named = between.join(
        code if naming.names.get(code, code) == code else f"{code} {naming.names[code]}"
        for code in ((one, other) if between else (one,))
    )
    return (
        item.rule,
        named,
        item.side,
        *(amount_text(amount) for amount in (item.limit, item.by, item.new_limit)),
        str(item.priority),
    )


def relaxation_notes(model: Model, env: Environment, items: Sequence[Relaxation]) -> list[Note]:
    """What gave way in a relaxed period, a note a rule; also that nothing did."""
    spec = model.spec.allocation
    assert spec is not None
    lead = f"{env.period}: " if env.period else ""
    naming = Naming.of(model, env)
    notes = []
    for rule, own in by_rule(items).items():
        paid = [item for item in own if item.by]
        kept = [replace(item, by=item.before) for item in own if not item.by]
        if paid:
            en, zh = in_words(paid, spec.unit, naming)
            if rule != BUDGET:
                en = f"the rules cannot all hold, so that a rule gave way: {en}"
                zh = f"各项规则不能同时成立，已放宽：{zh}"
            notes.append(Note("relaxed", lead + en, lead + zh, len(paid), rule))
        if kept:
            en, zh = in_words(kept, spec.unit, naming)
            notes.append(
                Note(
                    "relaxed",
                    f"{lead}before whole units the rules cannot all hold: {en}; the whole amounts "
                    "that are paid keep these limits",
                    f"{lead}取整前各项规则不能同时成立：{zh}；取整后的实付金额满足这些限额",
                    len(kept),
                    rule,
                )
            )
    if not items:
        en = (
            "the pools were settled together because one by one they had no answer; all rules hold "
            "and nothing gave way"
        )
        zh = "逐池分配无解，故各资金池合并计算；各项规则均成立，无一放宽"
        notes.append(Note("relaxed", lead + en, lead + zh, 1, "allocation"))
    return notes
