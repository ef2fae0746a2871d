"""Words for formulas, the same on the terminal and in the workbook: what they give, in what unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from reliefperf.errors import Lang
from reliefperf.model.expressions import Expr, ExpressionError
from reliefperf.model.looking_back import written
from reliefperf.reports.case_terminal import short
from reliefperf.scenarios.results.formulas import (
    BARRED,
    ELIGIBLE,
    RESULT,
    VALUE,
    conditions_of,
    is_verdict,
    own_items,
)
from reliefperf.scenarios.results.titling import titled

_PARTS: dict[str, tuple[str, str]] = {
    "amount": ("total", "总额"),
    "weight": ("weight", "权重"),
    "formula": ("before damping", "缩放前"),
    "floor": ("guaranteed", "保底"),
    ELIGIBLE: ("eligibility", "资格条件"),
    BARRED: ("shut out by", "因问责失去资格"),
}
"""What the formulas of a pool give, where that is not the pool's amount itself."""
_OF_MONEY = ("each", "amount", "formula", "floor")
_VERDICTS: dict[str, tuple[str, str]] = {
    "1": ("met", "符合"),
    "0": ("not met", "不符合"),
    "": ("unknown: data missing", "无法判断：数据缺失"),
}


def part_title(of: str, part: str, titles: Mapping[str, str], lang: Lang) -> str:
    """What a formula gives: a pool's amount, its total or weight, or a derived column."""
    title = titles.get(of, of)
    if part not in _PARTS:
        return title
    word = _PARTS[part][lang == "zh"]
    return f"{title}（{word}）" if lang == "zh" else f"{title} ({word})"


def item_title(stated: str, item: str, titles: Mapping[str, str], lang: Lang) -> str:
    """What was put into a formula; a region's own part in a sum over regions is called that.

    >>> item_title("total(paid, by=state)", "paid", {}, "en")
    "paid (the region's own)"
    """
    shown = titled(item, titles, lang)
    try:
        own = item in own_items(Expr(stated))
    except ExpressionError:
        own = False
    if not own:
        return shown
    return f"{shown}（本地区）" if lang == "zh" else f"{shown} (the region's own)"


def stated_in(definition: Any, of: str, part: str) -> str:
    """The formula as the model's definition states it; '' where there is none."""
    if part == VALUE:
        derived = below(definition, "derived", of)
        return str(below(derived, "value") if isinstance(derived, dict) else derived)
    pool = below(definition, "allocation", "pools", of)
    found = below(pool, part)
    found = below(pool, "scale_gains", part) if found is None else found
    return "" if found is None else str(found)


def is_condition(definition: Any, of: str, part: str, item: str) -> bool:
    """Whether an item's value says that something holds (1) or not (0)."""
    if part == BARRED:
        return True
    if part != ELIGIBLE:
        return False
    try:
        return item == RESULT or item in conditions_of(Expr(stated_in(definition, of, part)))
    except ExpressionError:
        return item == RESULT


def verdict(value: str, lang: Lang) -> str:
    """Whether a condition holds, in words."""
    return _VERDICTS[value][lang == "zh"] if value in _VERDICTS else value


def unit_of(definition: Any, of: str, part: str, item: str) -> str:
    """The unit of what a formula gives, or of a column or parameter put in; '' if none is stated."""
    if item == RESULT:
        if part == VALUE:
            return str(below(definition, "derived", of, "unit") or "")
        return str(below(definition, "allocation", "unit") or "") if part in _OF_MONEY else ""
    if below(definition, "allocation", "pools", item) is not None or item == "budget":
        return str(below(definition, "allocation", "unit") or "")
    stated = (below(definition, kind, item, "unit") for kind in ("variables", "derived"))
    return next((str(unit) for unit in stated if unit), "") or str(
        below(definition, "parameters", item, "unit") or ""
    )


def shut_out_lines(
    definition: Any, rows: Sequence[Mapping[str, str]], titles: Mapping[str, str], lang: Lang
) -> list[str]:
    """Why a region has no part in a pool: the conditions, with its own values where they fail.

    `rows` are those of formulas.csv of one region and pool.
    """
    lines = []
    zh = lang == "zh"
    for part, own in groupby(rows, key=lambda row: row["part"]):
        given = {row["item"]: row["value"] for row in own}
        if part == BARRED:
            listed = ("、" if zh else ", ").join(titles.get(item, item) for item in given)
            lines.append(f"因问责失去资格：{listed}" if zh else f"shut out by: {listed}")
        if part != ELIGIBLE:
            continue
        of = rows[0]["of"]
        stated = stated_in(definition, of, part)
        conditions = {
            item: value
            for item, value in given.items()
            if item != RESULT and is_condition(definition, of, part, item)
        }
        for item, value in (conditions or {stated: given[RESULT]}).items():
            texts = [item, *_behind(definition, item)]
            said = f"{titled(item, titles, lang)}{'：' if zh else ': '}{verdict(value, lang)}"
            put_in = ("，" if zh else ", ").join(
                f"{item_title(stated, name, titles, lang)} {short(text) or '—'}"
                + (f" {unit}" if (unit := unit_of(definition, of, part, name)) else "")
                for name, text in given.items()
                if name not in (RESULT, item, *conditions)
                and any(_is_in(name, text) for text in texts)
            )
            if put_in:
                said += f"（{put_in}）" if zh else f" ({put_in})"
            lines.append(said)
        if conditions:
            whole = titled(stated, titles, lang)
            lines.insert(0, f"条件：{whole}" if zh else f"condition: {whole}")
    return lines


def _behind(definition: Any, item: str) -> list[str]:
    """The derived columns of a condition that are conditions themselves, as formulas."""
    found = []
    try:
        for name in sorted(Expr(item).names):
            if below(definition, "derived", name) is not None:
                expr = Expr(stated_in(definition, name, VALUE))
                found += [written(expr.tree)] if is_verdict(expr) else []
    except ExpressionError:
        return []
    return found


def _is_in(name: str, item: str) -> bool:
    """Whether what was put in stands in a condition."""
    try:
        return name in item if "(" in name else name in Expr(item).names
    except ExpressionError:
        return True


def below(part: Any, *keys: str) -> Any:
    """What stands below the keys of nested mappings; None where there is nothing."""
    for key in keys:
        part = part.get(key) if isinstance(part, dict) else None
    return part
