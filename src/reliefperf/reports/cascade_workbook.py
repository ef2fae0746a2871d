"""The results of a cascade as a workbook: a summary, one sheet a level, how each amount came about.

In the language of the first level's model, Chinese unless it says otherwise. See reports.sheets for
what holds of every workbook: no live formula made from data, same results, same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

from reliefperf.errors import Lang
from reliefperf.model.spec_data import in_language
from reliefperf.reports.cascade_words import bears_of, effect_words, level_title, titled_notes
from reliefperf.reports.equity_workbook import equity_sheet, groups_sheet
from reliefperf.reports.sheets import LINE_HEIGHT, Sheets, heading_lines, new_book
from reliefperf.reports.words import note_word
from reliefperf.reports.workbook import (
    MONEY_WIDTH,
    WARNINGS,
    money_heading,
    tiers_worded,
    titles_of,
)
from reliefperf.reports.workbook_words import RULES_TEXTS
from reliefperf.scenarios.cascades.binding import binding_by_level
from reliefperf.scenarios.cascades.equity import has_level_equity, joined, level_equity_tables
from reliefperf.scenarios.cascades.running import CascadeRun, LevelRun
from reliefperf.scenarios.cascades.tables import (
    calculation_table,
    explanation_table,
    parents_table,
    rules_of,
)
from reliefperf.scenarios.results.cells import Row
from reliefperf.scenarios.results.money import money_places, step_label
from reliefperf.scenarios.results.relaxations import relaxed_words

MOST_ROWS = 100_000
"""Rows of the explanation or of the rules that are worth a sheet; more stand in the CSV alone."""

_WORDS: dict[str, dict[Lang, str]] = {
    "level": {"zh": "级别", "en": "level"},
    "parent": {"zh": "上级代码", "en": "parent"},
    "parent_name": {"zh": "上级", "en": "parent's name"},
    "parents": {"zh": "各上级收支", "en": "Parents"},
    "received": {"zh": "得到", "en": "received"},
    "paid": {"zh": "下达", "en": "paid"},
    "left": {"zh": "留存", "en": "left"},
    "n_regions": {"zh": "地区数", "en": "regions"},
    "n_parents": {"zh": "上级数", "en": "parents"},
    "kept": {"zh": "无下级，留在上一级", "en": "kept above by those without children"},
    "moved": {"zh": "调整的金额（按地区和资金池）", "en": "money moved (by region and pool)"},
    "long": {
        "zh": "行数过多，只写入 CSV 文件：{files}",
        "en": "too long for a sheet, in CSV files alone: {files}",
    },
    "more": {"zh": "未列入本簿", "en": "not in this workbook"},
}


def write_cascade_workbook(run: CascadeRun, path: Path) -> None:
    """Write results.xlsx of a cascade."""
    with new_book(path, run.cascade.title(run.levels[0].run.model.language)) as book:
        fill_cascade_workbook(book, run)


def fill_cascade_workbook(book: Any, run: CascadeRun) -> None:
    """Write all sheets into a workbook of xlsxwriter, or into what behaves like one."""
    _Book(book, run).write()


class _Book(Sheets):
    def __init__(self, book: Any, run: CascadeRun) -> None:
        lang = run.levels[0].run.model.language
        super().__init__(book, lang, run.cascade.title(lang), {}, synthetic=run.is_synthetic)
        self.run = run
        self.of_level = {level.id: titles_of(level.run, lang) for level in run.levels}
        self.names = {level.id: level_title(level, lang) for level in run.levels}
        self.bears = {
            level.id: bears_of(level, self.of_level[level.id], lang) for level in run.levels
        }
        self.region_names = {
            code: name
            for level in run.levels
            for part in level.parents.values()
            for code, name in zip(part.allocation.codes, part.allocation.names, strict=True)
        }
        self.unit = run.unit
        self.places = money_places(next(iter(run.levels[0].parents.values())).allocation)
        self.number = self.money(self.places)
        self.strong = self.money(self.places, total=True)

    def word(self, key: str) -> str:
        """A heading in the workbook's language."""
        return _WORDS[key][self.lang] if key in _WORDS else super().word(key)

    def write(self) -> None:
        """Write all sheets."""
        tables = {
            "explanation": explanation_table(self.run),
            "calculation": calculation_table(self.run),
            "rules": rules_of(self.run),
        }
        long = [f"{key}.csv" for key, (_, rows) in tables.items() if len(rows) > MOST_ROWS]
        self._summary(long)
        taken: set[str] = {self.word(key).casefold() for key in ("summary", "notes", *tables)}
        for level in self.run.levels:
            self._level(level, self._sheet_name(level, taken))
        header, rows = parents_table(self.run)
        parents = self._worded(rows, pool=3)
        self.table("parents", header, parents, text=("level", "parent", "name", "pool"))
        for key in ("explanation", "calculation"):
            header, rows = tables[key]
            if f"{key}.csv" not in long and (rows or key == "explanation"):
                header = [*header[:3], "name", *header[3:]]
                texts = ("level", "parent", "region", "name", "pool", "step")
                self.table(key, header, self._explained(rows), text=texts)
        header, rows = tables["rules"]
        if rows and "rules.csv" not in long:
            worded = tiers_worded(header, self._worded(rows), self, self.region_names)
            self.table("rules", header, worded, text=("level", "parent", *RULES_TEXTS))
        if has_level_equity(self.run):
            (header, rows), (of_groups, groups) = level_equity_tables(self.run)
            equity_sheet(self, header, self._worded(rows, pool=2), self.region_names)
            groups_sheet(self, of_groups, self._worded(groups, pool=2))
        notes = [
            (note_word(note.kind, self.lang), place, note.count, text)
            for note, place, text in titled_notes(self.run, self.lang)
        ]
        self.table(
            "notes", ["kind", "place", "count", "text"], notes, text=("kind", "place", "text")
        )

    def _sheet_name(self, level: LevelRun, taken: set[str]) -> str:
        """A name that Excel allows and no other sheet has."""
        for name in (self.names[level.id], level.id):
            short = re.sub(r"[\[\]:*?/\\']", " ", name).strip()[:18]
            if short and short.casefold() not in taken:
                break
        else:
            short = f"{len(taken)}"
        taken.add(short.casefold())
        return short

    def _summary(self, long: list[str]) -> None:
        sheet = self.sheet("summary")
        sheet.set_column(0, 0, 26)
        sheet.set_column(1, 6, 18)
        run, lang = self.run, self.lang
        sheet.write_string(0, 0, run.cascade.title(lang), self.title)
        lines: list[tuple[str, str]] = [("model", run.cascade.name)]
        if run.cascade.spec.basis is not None:
            lines.append(("basis", in_language(run.cascade.spec.basis, lang)))
        for level in run.levels:
            label = level.run.model.spec.data.synthetic
            if label is not None:
                said = in_language(label, lang)
                lines.append(("synthetic", f"{self.names[level.id]}：{said}"))
            relaxed = relaxed_words(level.gave_way, run.unit, lang, self.of_level[level.id])
            if relaxed is not None:
                lines.append(("relaxed", f"{self.names[level.id]}：{relaxed}"))
        lines += [("unit", run.unit), ("notes", str(len(run.notes)))]
        if long:
            lines.append(("more", self.word("long").format(files=", ".join(long))))
        for line, (key, value) in enumerate(lines, start=2):
            style = self.warn if key in WARNINGS else self.bold
            sheet.write_string(line, 0, self.word(key), style)
            sheet.write_string(line, 1, value, self.warn if key in WARNINGS else None)
        line = len(lines) + 3
        keys = ("level", "n_parents", "n_regions", "received", "paid", "left", "kept")
        for place, key in enumerate(keys):
            sheet.write_string(line, place, self.word(key), self.head)
        above: Fraction | None = None
        for level in run.levels:
            line += 1
            paid = level.total()
            left = sum((part.left for part in level.parents.values()), Fraction(0))
            kept = Fraction(0) if above is None else above - paid - left
            sheet.write_string(line, 0, self.names[level.id], self.top)
            n_regions = sum(len(part.allocation.codes) for part in level.parents.values())
            sheet.write_number(line, 1, len(level.parents), self.number)
            sheet.write_number(line, 2, n_regions, self.number)
            for place, amount in enumerate((paid + left, paid, left, kept), start=3):
                sheet.write_number(line, place, float(amount), self.number)
            above = paid
        binding = binding_by_level(run)
        in_effect = [
            (level, effect_words(one, self.of_level[level.id][one.rule], run.unit, lang))
            for level in run.levels
            for one in binding[level.id]
        ]
        line += 2
        if in_effect:
            sheet.write_string(line, 0, self.word("in_effect"), self.head)
        for place, (level, words) in enumerate(in_effect, start=line + 1):
            sheet.write_string(place, 0, self.names[level.id], self.top)
            sheet.write_string(place, 1, words)

    def _level(self, level: LevelRun, name: str) -> None:
        """One row a region: its parent, score and grade, entitlement and amount by pool, totals."""
        sheet = self.sheet(level.id, name)
        money, titles = joined(level), self.of_level[level.id]
        evaluation = level.run.last.evaluation
        keys = [*([] if "" in level.parents else ["parent", "parent_name"]), "region", "name"]
        n_lead = len(keys)
        keys += ["score", "grade"] if evaluation is not None else []
        for place, key in enumerate(keys):
            sheet.write_string(0, place, self.word(key), self.head)
            sheet.set_column(place, place, 18 if key.endswith("name") else 12)
        pools, lines = (*money.pools, "total"), 1
        for place, pool in enumerate(pools):
            for side, key in enumerate(("entitlement", "allotted")):
                column = len(keys) + 2 * place + side
                title = titles.get(pool) or self.word(pool)
                label = money_heading(title, self.word(key), money.unit, self.lang)
                sheet.write_string(0, column, label, self.head_right)
                sheet.set_column(column, column, MONEY_WIDTH)
                lines = max(lines, heading_lines(label, MONEY_WIDTH))
        sheet.set_row(0, LINE_HEIGHT * lines)
        self.pages(sheet, [14] * len(keys) + [MONEY_WIDTH] * 2 * len(pools), n_lead)
        above = {c: p for p, part in level.parents.items() for c in part.allocation.codes}
        scored = {} if evaluation is None else {c: i for i, c in enumerate(evaluation.codes)}
        columns = [(money.entitlements(pool), money.amounts(pool)) for pool in pools]
        floats = [entitlements.floats().tolist() for entitlements, _ in columns]
        for i, code in enumerate(money.codes):
            line = i + 1
            parent = above[code]
            lead = [*([parent, level.parents[parent].name] if parent else []), code, money.names[i]]
            for place, cell in enumerate(lead):
                sheet.write_string(line, place, cell)
            if evaluation is not None:
                score = evaluation.score[scored[code]]
                if score == score:
                    sheet.write_number(line, n_lead, float(score), self.figure(float(score)))
                if evaluation.grade is not None:
                    sheet.write_string(line, n_lead + 1, evaluation.grade[scored[code]] or "")
            for place, (_, amounts) in enumerate(columns):
                at = len(keys) + 2 * place
                sheet.write_number(line, at, floats[place][i], self.number)
                sheet.write_number(line, at + 1, float(amounts[i]), self.number)
        last = len(money.codes)
        sheet.write_string(last + 1, 0, self.word("total"), self.bold)
        for place, (entitlements, _) in enumerate(columns):
            sums = (float(entitlements.total()), float(money.total(pools[place])))
            for side, value in enumerate(sums):
                column = len(keys) + 2 * place + side
                self.sum_above(sheet, last + 1, column, value, self.strong)
        sheet.freeze_panes(1, n_lead)
        sheet.autofilter(0, 0, last, len(keys) + 2 * len(pools) - 1)

    def _worded(self, rows: Iterable[Row], pool: int | None = None) -> Iterator[Row]:
        """Rows with the level's title, and the pool's."""
        for row in rows:
            level = str(row[0])
            cells = [self.names[level], *row[1:]]
            if pool is not None:
                name = str(row[pool])
                cells[pool] = self.of_level[level].get(name) or self.word(name)
            yield tuple(cells)

    def _explained(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Rows of a table of steps with names and titles, and by what a pool's limits are carried."""
        for level, parent, region, pool, step, *amounts in rows:
            titles, name = self.of_level[str(level)], str(pool)
            yield (
                self.names[str(level)],
                parent,
                region,
                self.region_names.get(str(region), ""),
                titles.get(name) or self.word(name),
                step_label(str(step), titles, self.bears[str(level)].get(name), self.lang),
                *amounts,
            )
