"""The results as a workbook for reading in Excel, in the model's language.

Totals are formulas of ours with their value.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

from rich.cells import cell_len

from reliefperf.errors import Lang
from reliefperf.model.model import Model
from reliefperf.model.spec_data import in_language
from reliefperf.reports.amounts import money as money_text
from reliefperf.reports.equity_workbook import equity_sheets
from reliefperf.reports.formulas_workbook import FORMULA_TEXTS, formulas_sheet
from reliefperf.reports.sheets import (
    LINE_HEIGHT,
    Sheets,
    heading_lines,
    lines_of,
    money_format,
    new_book,
)
from reliefperf.reports.totals_compared import TotalsCompared
from reliefperf.reports.words import code_word, note_word, with_names
from reliefperf.reports.workbook_words import CODED, RULES_TEXTS, WORDS, WRAPPED
from reliefperf.scenarios.results.cells import SIDES, Cell, Row, Side
from reliefperf.scenarios.results.equity import has_equity
from reliefperf.scenarios.results.money import (
    calculation_table,
    explanation_table,
    has_calculation,
    money_places,
    step_word,
)
from reliefperf.scenarios.results.points import points_table, scores_table
from reliefperf.scenarios.results.relaxations import relaxations_of, relaxed_words
from reliefperf.scenarios.results.rulebook import RULEBOOK_TEXTS, rulebook_tables
from reliefperf.scenarios.results.rules import POOL
from reliefperf.scenarios.results.titling import Titling, column_titles, heading_titles
from reliefperf.scenarios.results.treatments import treatments_table
from reliefperf.scenarios.results.weights import has_weights, weights_table
from reliefperf.scenarios.running import PeriodRun, Run

MONEY_WIDTH = 16
"""The most width of a column of money in the sheet of amounts."""
LEAST_MONEY_WIDTH = 10
LEAD_WIDTHS = {"period": 10, "region": 10, "name": 10, "score": 9, "grade": 9}
"""The widths of the columns before those of money; that of names is the least."""
SUMMARY_WIDTH = 100
"""The width of what the summary says."""
MAX_TREATMENTS = 20_000
"""Rows of treatments that are worth a sheet; more stand in treatments.csv alone."""

WARNINGS = ("synthetic", "relaxed")
"""Lines of the summary that are shown as warnings."""


def write_workbook(run: Run, path: Path) -> None:
    """Write results.xlsx: summary, scores, points, allocation, explanation, notes."""
    with new_book(path, run.model.title()) as book:
        fill_workbook(book, run)


def fill_workbook(book: Any, run: Run, sides: Sequence[Side] = SIDES) -> None:
    """Write all sheets, or those of one side, into what behaves like a workbook of xlsxwriter."""
    sheets = _Book(book, run)
    if "money" in sides:
        sheets.write_summary()  # it says which rules bind
    if "scores" in sides:
        sheets.write_scores()
    if "money" in sides and run.last.allocation is not None:
        sheets.write_money()
    if "scores" in sides:
        sheets.write_treatments()
    if "money" in sides:
        sheets.write_notes()


class _Book(Sheets):
    def __init__(self, book: Any, run: Run) -> None:
        lang = run.model.language
        titles = titles_of(run, lang)
        super().__init__(book, lang, run.model.title(lang), titles, synthetic=run.is_synthetic)
        self.run = run
        self.titling = Titling(run.model, lang)
        self.unit = run.last.allocation.unit if run.last.allocation is not None else ""

    def write_scores(self) -> None:
        """The scores and how they came about."""
        if self.run.model.spec.evaluation is not None:
            header, rows = scores_table(self.run)
            texts = ("period", "region", "name", "grade", "improvement_grade")
            self.table("scores", header, rows, text=texts)
            header, points = points_table(self.run)
            at = header.index("points")
            fewer = self._fewer_is_better
            lost = (
                row
                for row in points
                if (row[at] not in (None, 0) if fewer else row[at] != row[at + 1])
            )
            units, after = indicator_units(self.run.model), header.index("value") + 1
            if units:
                of = header.index("indicator")
                lost = ((*r[:after], units.get(str(r[of]), ""), *r[after:]) for r in lost)
                header = [*header[:after], "in_unit", *header[after:]]
            self.table(
                "points",
                _with_name(header),
                self._named(lost, header.index("region")),
                text=("period", "region", "name", "indicator", "in_unit", "reason"),
                title=self._points_title,
            )
        for key, (header, rulebook) in rulebook_tables(self.run).items():
            self.table(key, header, self._worded(header, rulebook), text=RULEBOOK_TEXTS)
        if self.run.model.spec.evaluation is not None and has_weights(self.run.model):
            header, weights = weights_table(self.run)
            texts = ("period", "node", "child", "method", "fact")
            self.table("weights", header, self._worded(header, weights), text=texts)

    def write_money(self) -> None:
        """The amounts, their steps, formulas and rules, and how evenly they fall."""
        self._allocation()
        header, steps = explanation_table(self.run)
        made = _with_name(header)
        step, paid = made.index("step"), self.word("step_paid")

        def special(row: Sequence[str | float], _: int) -> Any:
            return self.bold_two if row[step] == paid else None

        self.table(
            "explanation",
            made,
            with_amounts(self._named(steps, header.index("region"), translate=True), paid),
            text=("period", "region", "name", "pool", "step"),
            special=special,
        )
        if has_calculation(self.run.model):
            header, steps = calculation_table(self.run)
            self.table(
                "calculation",
                _with_name(header),
                self._named(steps, header.index("region"), translate=True),
                text=("period", "region", "name", "pool", "step"),
            )
        header, rows = self.run.formulas_table
        if rows:
            made, content = formulas_sheet(self.run, header, rows, self.titles, self.lang)
            named = self._named(content, made.index("region"), within=False)
            self.table("formulas", _with_name(made), named, text=FORMULA_TEXTS)
        header, rules = self.run.rules_table
        if rules:
            worded = tiers_worded(header, rules, self, self._region_names())
            self.table("rules", header, worded, text=RULES_TEXTS)
        if has_equity(self.run.model):
            equity_sheets(self, self.run, self._region_names())

    def write_treatments(self) -> None:
        """What was done to the data, value by value."""
        header, changed = treatments_table(self.run)
        if 0 < len(changed) <= MAX_TREATMENTS:
            self.table(
                "treatments",
                _with_name(header),
                self._named(self._worded(header, changed), header.index("region")),
                text=("period", "region", "name", "indicator", "step", "how"),
            )

    def write_notes(self) -> None:
        """Everything that was done without being asked, and what is worth knowing."""
        places = heading_titles(self.run.model, self.titles)
        notes = [
            (
                note_word(note.kind, self.lang),
                places.get(note.place) or code_word(note.place, self.lang),
                note.count,
                self.titling.quoted(note.zh if self.lang == "zh" else note.en),
            )
            for note in self.run.notes
        ]
        self.table(
            "notes", ["kind", "place", "count", "text"], notes, text=("kind", "place", "text")
        )

    @property
    def _fewer_is_better(self) -> bool:
        spec = self.run.model.spec.evaluation
        return spec is not None and spec.rank.order == "ascending"

    @property
    def _points_title(self) -> str:
        return WORDS["fewer_points" if self._fewer_is_better else "points"][self.lang]

    def _named(
        self, rows: Iterable[Row], at: int, *, translate: bool = False, within: bool = True
    ) -> Iterable[Row]:
        """Rows with the region's name after its code, and titles for ids unless not `within`."""
        names = self._region_names()

        @cache
        def part_word(part: str) -> str:
            if translate:
                return self.word(part)
            return self.titles.get(part) or code_word(part, self.lang)

        @cache
        def word_of_step(step: str) -> str:
            return self.titles.get(step, step_word(step, self.lang))

        for row in rows:
            name = names.get(str(row[at]), "")
            if not within:
                yield (*row[: at + 1], name, *row[at + 1 :])
                continue
            part = part_word(str(row[at + 1]))
            if translate:
                step = word_of_step(str(row[at + 2]))
                yield (*row[: at + 1], name, part, step, *row[at + 3 :])
            else:
                yield (*row[: at + 1], name, part, *row[at + 2 :])

    def _region_names(self) -> dict[str, str]:
        return {
            code: name
            for result in self.run.periods.values()
            for code, name in zip(result.env.codes, _names(result), strict=True)
        }

    def _worded(self, header: Sequence[str], rows: Iterable[Row]) -> Iterable[Row]:
        """Rows with titles for ids, and words for codes."""
        coded = [name in CODED for name in header]
        for row in rows:
            yield tuple(
                self.titles.get(cell) or code_word(cell, self.lang)
                if is_code and isinstance(cell, str)
                else cell
                for cell, is_code in zip(row, coded, strict=True)
            )

    def write_summary(self) -> None:
        sheet = self.sheet("summary")
        sheet.set_column(1, 1, SUMMARY_WIDTH)
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
            items, unit = (
                relaxations_of(result.allocation),
                "" if result.allocation is None else result.allocation.unit,
            )
            if relaxed := relaxed_words(items, unit, lang, self.titles):
                lines.append(("relaxed", f"{period} {relaxed}".strip()))
        money = run.last.allocation
        if money is not None:
            lines.append(("unit", money.unit))
            if money.budget is not None:
                lines.append(("budget", float(money.budget)))
            for pool in (*money.pools, "total"):
                lines.append((pool, money.total(pool)))
            lines += [("in_effect", line) for line in self._in_effect()]
        lines.append(("notes", len(run.notes)))
        if spec.evaluation is not None:
            note = "fewer_points_note" if self._fewer_is_better else "points_note"
            lines.append((self._points_title, WORDS[note][lang]))
        sheet.set_column(0, 0, max(22, *(cell_len(self.word(key)) + 3 for key, _ in lines)))
        for line, (key, value) in enumerate(lines, start=2):
            style = self.warn if key in WARNINGS else self.bold
            if key != "in_effect" or lines[line - 3][0] != key:
                sheet.write_string(line, 0, self.word(key), style)
            if isinstance(value, str):
                sheet.write_string(line, 1, value, self.warn_text if key in WARNINGS else self.wrap)
                if (lines_needed := lines_of(value, SUMMARY_WIDTH)) > 1:
                    sheet.set_row(line, LINE_HEIGHT * lines_needed)
            else:
                places = 0 if money is None else money_places(money)
                number = self.book.add_format(
                    {"num_format": money_format(places), "align": "left", "indent": 1}
                )
                sheet.write_number(line, 1, float(value), number)  # type: ignore[arg-type]

    def _in_effect(self) -> Iterable[str]:
        """A line for each rule that binds in the last period, with the money it moves."""
        for row in binding_rules(self.run):
            moved = f"{money_text(Decimal(str(row['moved'])), cents=True)} {self.unit}"
            title = self.titles[str(row["rule"])]
            yield (
                f"{title}：{row['rows']} 处限额中 {row['binding']} 处，调整金额 {moved}；"
                f"{row['gaining']} 个地区增加，{row['losing']} 个减少"
                if self.lang == "zh"
                else f"{title}: {row['binding']} of {row['rows']} limits, moves {moved}; "
                f"{row['gaining']} gain, {row['losing']} lose"
            )

    def _allocation(self) -> None:
        """One row a region: grade, score, and for each pool entitlement and amount, with totals."""
        sheet = self.sheet("allocation")
        panel = tuple(self.run.periods) != ("",)
        money = self.run.last.allocation
        assert money is not None
        places = money_places(money)
        number, strong = self.money(places), self.money(places, total=True)
        keys = [*(["period"] if panel else []), "region", "name"]
        scored = self.run.model.spec.evaluation is not None
        keys += ["score", "grade"] if scored else []
        widths = []
        for place, key in enumerate(keys):
            style = self.head_right if key == "score" else self.head
            sheet.write_string(0, place, self.word(key), style)
            widths.append(LEAD_WIDTHS[key])
        names = {name for one in self.run.periods.values() for name in _names(one)}
        longest = max(map(cell_len, names), default=0)
        widths[keys.index("name")] = min(max(longest + 2, LEAD_WIDTHS["name"]), WRAPPED)
        pools = (*money.pools, "total")
        most = max(float(money.entitlements("total").total()), float(money.total()))
        wide = min(max(len(f"{most:,.{places}f}") + 3, LEAST_MONEY_WIDTH), MONEY_WIDTH)
        lines = 1
        for place, pool in enumerate(pools):
            for side, key in enumerate(("entitlement", "allotted")):
                column = len(keys) + 2 * place + side
                label = money_heading(self.word(pool), self.word(key), money.unit, self.lang)
                sheet.write_string(0, column, label, self.head_right)
                widths.append(wide)
                lines = max(lines, heading_lines(label, wide))
        compared = TotalsCompared(self, self.run, len(widths), places)
        wide = max(wide, min(compared.longest + 3, MONEY_WIDTH))
        for label in compared.headings:
            sheet.write_string(0, len(widths), label, self.head_right)
            widths.append(wide)
            lines = max(lines, heading_lines(label, wide))
        for place, width in enumerate(widths):
            sheet.set_column(place, place, width)
        sheet.set_row(0, LINE_HEIGHT * lines)
        self.pages(sheet, widths, 2 + panel)
        line = 0
        for period, result in self.run.periods.items():
            allocation = result.allocation
            assert allocation is not None
            columns = [
                (allocation.entitlements(pool).floats().tolist(), allocation.amounts(pool))
                for pool in pools
            ]
            for i, code in enumerate(allocation.codes):
                line += 1
                lead = [*([period] if panel else []), code, allocation.names[i]]
                for place, cell in enumerate(lead):
                    sheet.write_string(line, place, cell)
                if result.evaluation is not None:
                    score = result.evaluation.score[i]
                    if score == score:
                        sheet.write_number(line, len(lead), float(score), self.figure(float(score)))
                    if result.evaluation.grade is not None:
                        sheet.write_string(line, len(lead) + 1, result.evaluation.grade[i] or "")
                for place, (entitlements, amounts) in enumerate(columns):
                    at = len(keys) + 2 * place
                    sheet.write_number(line, at, entitlements[i], number)
                    sheet.write_number(line, at + 1, float(amounts[i]), number)
                compared.write(sheet, line, period, i, float(columns[-1][1][i]))
        if not panel and line:
            sheet.write_string(line + 1, 0, self.word("total"), self.bold)
            for place, pool in enumerate(pools):
                for side, value in enumerate(
                    (float(money.entitlements(pool).total()), float(money.total(pool)))
                ):
                    column = len(keys) + 2 * place + side
                    self.sum_above(sheet, line + 1, column, value, strong)
            compared.write_total(sheet, line + 1, "", float(money.total()))
        sheet.freeze_panes(1, len(keys))
        if line:
            sheet.autofilter(0, 0, line, len(widths) - 1)


def money_heading(pool: str, what: str, unit: str, lang: Lang) -> str:
    """The heading of a column of money: the pool on a line, then what it is, with its unit.

    Chinese would be broken anywhere, so the unit has a line of its own.
    """
    return f"{pool}\n{what}\n（{unit}）" if lang == "zh" else f"{pool}\n{what} ({unit})"


def with_amounts(rows: Iterable[Row], paid: str) -> Iterator[Row]:
    """Rows of steps, each pool of a region followed by its amount, which is called `paid`.

    The last three columns are pool, step and money. Who has a single step has no such row.
    """
    for before, own in groupby(rows, key=lambda row: row[:-2]):
        steps = list(own)
        yield from steps
        if len(steps) > 1:
            yield (*before, paid, sum((Decimal(str(row[-1])) for row in steps), Decimal(0)))


def indicator_units(model: Model) -> dict[str, str]:
    """The units that indicators state, or else the column that is their value, by indicator."""
    spec = model.spec.evaluation
    stated = {**model.spec.variables, **model.spec.derived}
    found = {}
    for node in spec.nodes() if spec is not None else ():
        named = node.value.text if node.value is not None else ""
        if unit := node.unit or getattr(stated.get(named), "unit", ""):
            found[node.id] = unit
    return found


def binding_rules(run: Run) -> list[dict[str, Cell]]:
    """The rows of rules.csv, by column, of the file's rules that bind in the last period."""
    spec, last = run.model.spec.allocation, list(run.periods)[-1]
    if spec is None or run.last.allocation is None:
        return []
    stated = {rule.id for rule in spec.rules}
    header, rows = run.rules_table
    named = (dict(zip(header, row, strict=True)) for row in rows)
    return [
        row
        for row in named
        if row.get("period", last) == last and row["binding"] and row["rule"] in stated
    ]


def tiers_worded(
    header: Sequence[str], rows: Iterable[Row], sheets: Sheets, names: Mapping[str, str]
) -> Iterator[Row]:
    """Rows of the rules with words for pools and objectives, and regions' names beside their codes."""
    rule, at, bound = (header.index(key) for key in ("rule", "tier", "bound"))
    for row in rows:
        cells = list(row)
        cells[rule] = _pool_or_rule(str(row[rule]), sheets)
        cells[at] = tier_word(str(row[at]), sheets)
        cells[bound] = with_names(str(row[bound]), names, sheets.lang)
        yield tuple(cells)


def _pool_or_rule(row: str, sheets: Sheets) -> str:
    """What a row of the rules is about: a rule's id, or that of a pool or the budget with a word."""
    if row == "budget":
        return sheets.word("budget")
    if not row.startswith(POOL):
        return row
    pool = row.removeprefix(POOL)
    return f"资金池“{pool}”" if sheets.lang == "zh" else row


def tier_word(tier: str, sheets: Sheets) -> str:
    """What an objective is called; of the soft rules with their priority."""
    name, _, priority = tier.partition(":")
    kind, _, pool = name.partition(" ")
    if f"{kind}_tier" not in WORDS:
        return tier
    word = sheets.word(f"{kind}_tier")
    if priority:
        return (
            f"{word}（第 {priority} 位）" if sheets.lang == "zh" else f"{word}, priority {priority}"
        )
    if pool:
        return f"{word}（{pool}）" if sheets.lang == "zh" else f"{word} ({pool})"
    return word


def _with_name(header: list[str]) -> list[str]:
    at = header.index("region")
    return [*header[: at + 1], "name", *header[at + 1 :]]


def _names(result: PeriodRun) -> tuple[str, ...]:
    if result.evaluation is not None:
        return result.evaluation.names
    assert result.allocation is not None
    return result.allocation.names


def titles_of(run: Run, lang: Lang) -> dict[str, str]:
    """The titles of columns, nodes, adjustments, pools and rules by id."""
    spec = run.model.spec
    titles = column_titles(run.model, lang)
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
    word, joint = WORDS["decisions"][lang], "：" if lang == "zh" else ": "
    found = {}
    for effect in result.evaluation.effects:
        for ruling in effect.rulings.values():
            target = ruling.row.target
            name = titles.get(target, WORDS["score"][lang] if target == "score" else target)
            found[effect.id] = f"{word}{joint}{name}"
    return found
