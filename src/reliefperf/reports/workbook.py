"""The results as a workbook for reading in Excel, in the model's language.

No cell is ever a live formula or link made from data; totals are formulas of ours with their value.
The document's date is fixed, so that the same results give the same bytes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

import xlsxwriter
from rich.cells import cell_len
from xlsxwriter.utility import xl_col_to_name

from reliefperf.errors import Lang
from reliefperf.model.spec_data import in_language
from reliefperf.reports.words import code_word, note_word
from reliefperf.scenarios.results.relaxations import relaxed_words
from reliefperf.scenarios.results.rulebook import RULEBOOK_TEXTS, rulebook_tables
from reliefperf.scenarios.results.tables import (
    Row,
    explanation_table,
    money_places,
    points_table,
    scores_table,
    step_word,
)
from reliefperf.scenarios.results.treatments import treatments_table
from reliefperf.scenarios.results.weights import has_weights, weights_table
from reliefperf.scenarios.running import PeriodRun, Run

MAX_ROWS = 1_000_000
"""Rows that a sheet holds; Excel ends at 1,048,576."""
MAX_TREATMENTS = 20_000
"""Rows of treatments that are worth a sheet; more stand in treatments.csv alone."""

WARNINGS = ("synthetic", "relaxed")
"""Lines of the summary that are shown as warnings."""

RULES_TEXTS = (
    *("period", "rule", "title", "says", "basis", "strength", "bound", "tier"),
    "meaning",
)

_WORDS: dict[str, dict[Lang, str]] = {
    "summary": {"zh": "说明", "en": "Summary"},
    "scores": {"zh": "得分", "en": "Scores"},
    "points": {"zh": "扣分明细", "en": "Points"},
    "treatments": {"zh": "数据处理", "en": "Treatments"},
    "raw": {"zh": "处理前", "en": "raw"},
    "before": {"zh": "原值", "en": "before"},
    "after": {"zh": "新值", "en": "after"},
    "how": {"zh": "说明", "en": "how"},
    "allocation": {"zh": "资金分配", "en": "Allocation"},
    "explanation": {"zh": "分配过程", "en": "Explanation"},
    "rules": {"zh": "规则", "en": "Rules"},
    "rule": {"zh": "规则编号", "en": "rule"},
    "says": {"zh": "内容说明", "en": "says"},
    "strength": {"zh": "约束", "en": "strength"},
    "rows": {"zh": "限额数", "en": "rows"},
    "binding": {"zh": "起作用处", "en": "binding"},
    "bound": {"zh": "哪些地区或组", "en": "bound regions or groups"},
    "missed": {"zh": "未满足处", "en": "missed"},
    "moved": {"zh": "移动的资金", "en": "money moved"},
    "gaining": {"zh": "增加地区", "en": "gaining"},
    "losing": {"zh": "减少地区", "en": "losing"},
    "tier": {"zh": "分配目标", "en": "objective"},
    "price": {"zh": "影子价格", "en": "shadow price"},
    "meaning": {"zh": "边际含义", "en": "meaning"},
    "claims": {"zh": "自评与核实", "en": "Claims"},
    "consequences": {"zh": "问责结果", "en": "Consequences"},
    "decisions": {"zh": "人工调整", "en": "Decisions"},
    "item": {"zh": "项目", "en": "item"},
    "of": {"zh": "口径", "en": "of"},
    "self": {"zh": "自报（自评）", "en": "self-reported"},
    "verified": {"zh": "核实", "en": "verified"},
    "final": {"zh": "最终", "en": "final"},
    "difference": {"zh": "差额", "en": "difference"},
    "consequence": {"zh": "问责", "en": "consequence"},
    "title": {"zh": "名称", "en": "title"},
    "effect": {"zh": "后果", "en": "effect"},
    "detail": {"zh": "内容", "en": "detail"},
    "findings": {"zh": "问题件数", "en": "findings"},
    "cases": {"zh": "所据问题", "en": "cases"},
    "responsible": {"zh": "责任单位", "en": "responsible unit"},
    "target": {"zh": "对象", "en": "target"},
    "decided_by": {"zh": "决定单位", "en": "decided by"},
    "date": {"zh": "日期", "en": "date"},
    "weights": {"zh": "权重", "en": "Weights"},
    "node": {"zh": "上级", "en": "node"},
    "child": {"zh": "下级", "en": "child"},
    "method": {"zh": "赋权方法", "en": "method"},
    "weight": {"zh": "权重", "en": "weight"},
    "lowest": {"zh": "最低", "en": "lowest"},
    "highest": {"zh": "最高", "en": "highest"},
    "effective_weight": {"zh": "对总分的权重", "en": "effective weight"},
    "fact": {"zh": "检验项", "en": "fact"},
    "notes": {"zh": "提示", "en": "Notes"},
    "period": {"zh": "期别", "en": "period"},
    "region": {"zh": "地区代码", "en": "region"},
    "name": {"zh": "地区", "en": "name"},
    "score": {"zh": "得分", "en": "score"},
    "grade": {"zh": "等次", "en": "grade"},
    "rank": {"zh": "名次", "en": "rank"},
    "improvement": {"zh": "进步", "en": "improvement"},
    "improvement_grade": {"zh": "进步等次", "en": "improvement grade"},
    "improvement_rank": {"zh": "进步名次", "en": "improvement rank"},
    "indicator": {"zh": "指标", "en": "indicator"},
    "value": {"zh": "指标值", "en": "value"},
    "full_marks": {"zh": "满分", "en": "full marks"},
    "lost": {"zh": "扣分", "en": "lost"},
    "reason": {"zh": "理由", "en": "reason"},
    "pool": {"zh": "资金池", "en": "pool"},
    "step": {"zh": "步骤", "en": "step"},
    "amount": {"zh": "金额", "en": "amount"},
    "entitlement": {"zh": "测算额", "en": "entitlement"},
    "total": {"zh": "合计", "en": "total"},
    "kind": {"zh": "类别", "en": "kind"},
    "place": {"zh": "位置", "en": "place"},
    "count": {"zh": "处数", "en": "count"},
    "text": {"zh": "内容", "en": "text"},
    "model": {"zh": "模型", "en": "Model"},
    "scenario": {"zh": "情景", "en": "Scenario"},
    "basis": {"zh": "依据", "en": "Basis"},
    "data": {"zh": "数据", "en": "Data"},
    "synthetic": {"zh": "注意：数据为合成", "en": "Note: synthetic data"},
    "relaxed": {"zh": "注意：规则已放宽", "en": "Note: rules relaxed"},
    "regions": {"zh": "地区数", "en": "Regions"},
    "unit": {"zh": "金额单位", "en": "Unit of amounts"},
    "budget": {"zh": "预算", "en": "Budget"},
    "paid": {"zh": "分配合计", "en": "Paid"},
    "points_label": {"zh": "得分", "en": "points"},
    "points_note": {
        "zh": "本表只列未得满分的指标和调整项；全部指标见 points.csv",
        "en": "only indicators that lost points, and adjustments; all are in points.csv",
    },
}

_CODED = (
    "item",
    "of",
    "consequence",
    "effect",
    "target",
    "step",
    "node",
    "child",
    "method",
    "fact",
)
"""Columns whose cells are ids or codes."""
WRAPPED = 40
"""Columns from this width on hold sentences, which are wrapped."""
LINE_HEIGHT = 15
FOUR_DECIMALS = ("weight", "lowest", "highest", "effective_weight")
"""Columns of weights, shown to four decimals; the cells hold them in full."""

_WIDTHS = {
    **{"item": 26, "effect": 16, "consequence": 22, "target": 26, "responsible": 24, "kind": 20},
    **{"node": 22, "child": 30, "method": 18, "fact": 24},
    **{"name": 18, "reason": 60, "how": 60, "text": 90, "indicator": 26, "place": 30, "step": 22},
    **{"cases": 60, "basis": 40, "title": 24},
}


def write_workbook(run: Run, path: Path) -> None:
    """Write results.xlsx: summary, scores, points, allocation, explanation, notes."""
    book = xlsxwriter.Workbook(
        str(path),
        {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
    )
    book.set_properties({"title": run.model.title(), "created": dt.datetime(2000, 1, 1)})
    try:
        fill_workbook(book, run)
    finally:
        book.close()


def fill_workbook(book: Any, run: Run) -> None:
    """Write all sheets into a workbook of xlsxwriter, or into what behaves like one."""
    _Book(book, run).write()


class _Book:
    def __init__(self, book: Any, run: Run) -> None:
        self.book, self.run = book, run
        self.lang: Lang = run.model.language
        self.head = book.add_format(
            {"bold": True, "bg_color": "#DCE6F1", "border": 1, "text_wrap": True, "valign": "top"}
        )
        self.bold = book.add_format({"bold": True})
        self.title = book.add_format({"bold": True, "font_size": 14})
        self.warn = book.add_format({"bold": True, "font_color": "#C00000"})
        self.wrap = book.add_format({"text_wrap": True, "valign": "top"})
        self.top = book.add_format({"valign": "top"})
        self.four = book.add_format({"valign": "top", "num_format": "0.0000"})
        self.titles = _titles(run, self.lang)

    def word(self, key: str) -> str:
        """A heading in the workbook's language."""
        return _WORDS[key][self.lang] if key in _WORDS else self.titles.get(key, key)

    def write(self) -> None:
        self._summary()
        if self.run.model.spec.evaluation is not None:
            header, rows = scores_table(self.run)
            texts = ("period", "region", "name", "grade", "improvement_grade")
            self._table("scores", header, rows, text=texts)
            header, points = points_table(self.run)
            at = header.index("points")
            lost = (row for row in points if row[at] != row[at + 1])
            self._table(
                "points",
                _with_name(header),
                self._named(lost, header.index("region")),
                text=("period", "region", "name", "indicator", "reason"),
            )
        for key, (header, rulebook) in rulebook_tables(self.run).items():
            self._table(key, header, self._worded(header, rulebook), text=RULEBOOK_TEXTS)
        if self.run.model.spec.evaluation is not None and has_weights(self.run.model):
            header, weights = weights_table(self.run)
            texts = ("period", "node", "child", "method", "fact")
            self._table("weights", header, self._worded(header, weights), text=texts)
        if self.run.last.allocation is not None:
            self._allocation()
            header, steps = explanation_table(self.run)
            self._table(
                "explanation",
                _with_name(header),
                self._named(steps, header.index("region"), translate=True),
                text=("period", "region", "name", "pool", "step"),
            )
            header, rules = self.run.rules_table
            if rules:
                self._table("rules", header, rules, text=RULES_TEXTS)
        header, changed = treatments_table(self.run)
        if 0 < len(changed) <= MAX_TREATMENTS:
            self._table(
                "treatments",
                _with_name(header),
                self._named(self._worded(header, changed), header.index("region")),
                text=("period", "region", "name", "indicator", "step", "how"),
            )
        notes = [
            (
                note_word(note.kind, self.lang),
                self.titles.get(note.place) or code_word(note.place, self.lang),
                note.count,
                note.text(self.lang).removeprefix(f"{note.place}: "),
            )
            for note in self.run.notes
        ]
        self._table(
            "notes", ["kind", "place", "count", "text"], notes, text=("kind", "place", "text")
        )

    def _named(self, rows: Iterable[Row], at: int, *, translate: bool = False) -> Iterable[Row]:
        """Rows with the region's name after its code, and titles for ids."""
        names = {
            code: name
            for result in self.run.periods.values()
            for code, name in zip(result.env.codes, _names(result), strict=True)
        }
        for row in rows:
            code = str(row[at])
            rest = list(row[at + 1 :])
            if translate:
                rest[0] = self.word(str(rest[0]))
                step = str(rest[1])
                rest[1] = self.titles.get(step, step_word(step, self.lang))
            else:
                part = str(rest[0])
                rest[0] = self.titles.get(part) or code_word(part, self.lang)
            yield (*row[: at + 1], names.get(code, ""), *rest)

    def _worded(self, header: Sequence[str], rows: Iterable[Row]) -> Iterable[Row]:
        """Rows with titles for ids, and words for codes."""
        coded = [name in _CODED for name in header]
        for row in rows:
            yield tuple(
                self.titles.get(cell) or code_word(cell, self.lang)
                if is_code and isinstance(cell, str)
                else cell
                for cell, is_code in zip(row, coded, strict=True)
            )

    def _sheet(self, key: str) -> Any:
        """A sheet; those of made-up data say so in their name and when printed."""
        label = ""
        if self.run.is_synthetic:
            label = "（合成数据）" if self.lang == "zh" else " (synthetic)"
        sheet = self.book.add_worksheet(self.word(key) + label)
        sheet.set_header(f"&L{self.run.model.title(self.lang)}&R{label}")
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)
        if key != "summary":
            sheet.repeat_rows(0)
        if label:
            sheet.set_tab_color("#C00000")
        return sheet

    def _table(
        self, key: str, header: Sequence[str], rows: Iterable[Row], text: Sequence[str]
    ) -> None:
        sheet = self._sheet(key)
        as_text = [name in text for name in header]
        styles = [self.wrap if _WIDTHS.get(name, 0) >= WRAPPED else self.top for name in header]
        numbers = [self.four if name in FOUR_DECIMALS else self.top for name in header]
        usual = 10 if key == "scores" else 14
        lines = 1
        for place, name in enumerate(header):
            label = self.word("points_label") if name == "points" else self.word(name)
            sheet.write_string(0, place, label, self.head)
            width = _WIDTHS.get(name, usual)
            sheet.set_column(place, place, width)
            lines = max(lines, -(-(cell_len(label) + 1) // width))
        sheet.set_row(0, LINE_HEIGHT * lines)
        line = 0
        for line, row in enumerate(islice(rows, MAX_ROWS), start=1):
            for place, cell in enumerate(row):
                _write(sheet, line, place, cell, as_text[place], styles[place], numbers[place])
        sheet.freeze_panes(1, min(3, len(header)))
        if line:
            sheet.autofilter(0, 0, line, len(header) - 1)

    def _summary(self) -> None:
        sheet = self._sheet("summary")
        sheet.set_column(0, 0, 22)
        sheet.set_column(1, 1, 70)
        run, lang = self.run, self.lang
        spec = run.model.spec
        sheet.write_string(0, 0, run.model.title(lang), self.title)
        lines: list[tuple[str, object]] = [("model", spec.model)]
        if run.scenario is not None:
            name = run.scenario.spec.scenario
            lines.append(("scenario", in_language(run.scenario.spec.title, lang, name)))
        if spec.basis is not None:
            lines.append(("basis", in_language(spec.basis, lang)))
        lines.append(("data", Path(run.dataset.source).name))
        if spec.data.synthetic is not None:
            lines.append(("synthetic", in_language(spec.data.synthetic, lang)))
        lines.append(("regions", len(run.last.env.codes)))
        for period, result in run.periods.items():
            relaxed = result.allocation and relaxed_words(result.allocation, lang)
            if relaxed:
                lines.append(("relaxed", f"{period} {relaxed}".strip()))
        money = run.last.allocation
        if money is not None:
            lines.append(("unit", money.unit))
            if money.budget is not None:
                lines.append(("budget", float(money.budget)))
            for pool in (*money.pools, "total"):
                lines.append((pool, money.total(pool)))
        lines.append(("notes", len(run.notes)))
        if spec.evaluation is not None:
            lines.append(("points", _WORDS["points_note"][lang]))
        for line, (key, value) in enumerate(lines, start=2):
            style = self.warn if key in WARNINGS else self.bold
            sheet.write_string(line, 0, self.word(key), style)
            if isinstance(value, str):
                sheet.write_string(line, 1, value, self.warn if key in WARNINGS else self.wrap)
            else:
                places = 0 if money is None else money_places(money)
                number = self.book.add_format({"num_format": _format(places), "align": "left"})
                sheet.write_number(line, 1, float(value), number)  # type: ignore[arg-type]

    def _allocation(self) -> None:
        """One row a region: grade, score, and for each pool entitlement and amount, with totals."""
        sheet = self._sheet("allocation")
        panel = tuple(self.run.periods) != ("",)
        money = self.run.last.allocation
        assert money is not None
        places = money_places(money)
        number = self.book.add_format({"num_format": _format(places)})
        strong = self.book.add_format({"num_format": _format(places), "bold": True, "top": 1})
        keys = [*(["period"] if panel else []), "region", "name"]
        scored = self.run.model.spec.evaluation is not None
        keys += ["score", "grade"] if scored else []
        for place, key in enumerate(keys):
            sheet.write_string(0, place, self.word(key), self.head)
            sheet.set_column(place, place, _WIDTHS.get(key, 12))
        pools = (*money.pools, "total")
        for place, pool in enumerate(pools):
            for side, key in enumerate(("entitlement", "amount")):
                column = len(keys) + 2 * place + side
                label = f"{self.word(pool)} {self.word(key)}（{money.unit}）"
                sheet.write_string(0, column, label, self.head)
                sheet.set_column(column, column, 16)
        line = 0
        for period, result in self.run.periods.items():
            allocation = result.allocation
            assert allocation is not None
            columns = [(allocation.entitlements(pool), allocation.amounts(pool)) for pool in pools]
            for i, code in enumerate(allocation.codes):
                line += 1
                lead = [*([period] if panel else []), code, allocation.names[i]]
                for place, cell in enumerate(lead):
                    sheet.write_string(line, place, cell)
                if result.evaluation is not None:
                    score = result.evaluation.score[i]
                    if score == score:
                        sheet.write_number(line, len(lead), float(score))
                    if result.evaluation.grade is not None:
                        sheet.write_string(line, len(lead) + 1, result.evaluation.grade[i] or "")
                for place, (entitlements, amounts) in enumerate(columns):
                    at = len(keys) + 2 * place
                    sheet.write_number(line, at, float(entitlements[i]), number)
                    sheet.write_number(line, at + 1, float(amounts[i]), number)
        if not panel and line:
            sheet.write_string(line + 1, 0, self.word("total"), self.bold)
            for place, pool in enumerate(pools):
                for side, value in enumerate(
                    (float(sum(money.entitlements(pool))), float(money.total(pool)))
                ):
                    column = len(keys) + 2 * place + side
                    name = xl_col_to_name(column)
                    sheet.write_formula(
                        line + 1, column, f"=SUM({name}2:{name}{line + 1})", strong, value
                    )
        sheet.freeze_panes(1, len(keys))
        if line:
            sheet.autofilter(0, 0, line, len(keys) + 2 * len(pools) - 1)


def _with_name(header: list[str]) -> list[str]:
    at = header.index("region")
    return [*header[: at + 1], "name", *header[at + 1 :]]


def _names(result: PeriodRun) -> tuple[str, ...]:
    if result.evaluation is not None:
        return result.evaluation.names
    assert result.allocation is not None
    return result.allocation.names


def _titles(run: Run, lang: Lang) -> dict[str, str]:
    """The titles of nodes, adjustments, pools and rules by id."""
    spec = run.model.spec
    titles = {name: in_language(one.title, lang, name) for name, one in spec.variables.items()}
    if spec.evaluation is not None:
        for node in spec.evaluation.nodes():
            titles[node.id] = in_language(node.title, lang, node.id)
        for item in spec.evaluation.adjustments:
            titles[item.id] = in_language(item.title, lang, item.id)
        for one in spec.evaluation.consequences:
            titles[one.id] = in_language(one.title, lang, one.id)
        for result in run.periods.values():
            titles |= _decision_titles(result, titles, lang)
    if spec.allocation is not None:
        for pool_id, pool in spec.allocation.pools.items():
            titles[pool_id] = in_language(pool.title, lang, pool_id)
        for rule in spec.allocation.rules:
            titles[rule.id] = in_language(rule.title, lang, rule.id)
    return titles


def _decision_titles(result: PeriodRun, titles: dict[str, str], lang: Lang) -> dict[str, str]:
    """What the rows of decisions by hand are called."""
    if result.evaluation is None:
        return {}
    word, joint = _WORDS["decisions"][lang], "：" if lang == "zh" else ": "
    found = {}
    for effect in result.evaluation.effects:
        for ruling in effect.rulings.values():
            target = ruling.row.target
            name = titles.get(target, _WORDS["score"][lang] if target == "score" else target)
            found[effect.id] = f"{word}{joint}{name}"
    return found


def _write(
    sheet: Any, line: int, place: int, cell: object, as_text: bool, style: Any, number: Any
) -> None:
    if cell is None or cell == "":
        return
    if as_text:
        sheet.write_string(line, place, str(cell), style)
    elif isinstance(cell, Decimal | int | float):
        sheet.write_number(line, place, float(cell), number)
    else:
        try:
            sheet.write_number(line, place, float(str(cell)), number)
        except ValueError:
            sheet.write_string(line, place, str(cell), style)


def _format(places: int) -> str:
    return "#,##0" + ("." + "0" * places if places else "")
