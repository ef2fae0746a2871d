"""Which region and which period a row speaks of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from reliefperf.data.cells import Cell, FormulaError, is_blank
from reliefperf.data.changes import Change, Kind, change_notes
from reliefperf.data.cleaning import half_width
from reliefperf.data.mistakes import Mistakes, shown
from reliefperf.data.regions import Regions
from reliefperf.errors import Note

_MANGLED = re.compile(r"[0-9]{4,}\.0+|[0-9](?:\.[0-9]+)?[eE]\+?[0-9]+")


@dataclass
class Keys:
    """The codes, names or periods of all rows, as text, and what was changed to get them."""

    values: list[str]
    changes: dict[int, Change] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)


def read_codes(
    cells: Sequence[Cell],
    names: Sequence[str],
    lines: Sequence[int],
    heading: str,
    found: Mistakes,
    *,
    regions: Regions | None = None,
    level: str | None = None,
) -> Keys:
    """Read the region column. With `regions` an exact name that only one region has will do.

    `names` (from the name column, '' where unknown) serve only for hints. A code that is not read
    becomes '' and is a mistake in `found`.
    """
    codes, numeric = Keys([]), []
    for at, cell in enumerate(cells):
        code, kinds = _code(cell, lines[at], heading, found)
        if kinds and kinds[-1] == "number-as-text":
            numeric.append(at)
        if code and regions is not None and code not in regions:
            code, kinds = _by_name(code, kinds, names[at], regions, lines[at], heading, found)
        if code and regions is not None and level and regions[code].level != level:
            _wrong_level(code, regions, level, lines[at], heading, found)
        if code and kinds:
            codes.changes[at] = Change(_as_text(cell), code, kinds)
        codes.values.append(code)
    for at in _may_lack_a_zero(numeric, codes.values, regions):
        found.add(
            f"{codes.values[at]}: a number, and shorter than other codes; it may have lost "
            "a leading zero: format the column as text and write the codes in full",
            f"{codes.values[at]}：代码为数值且比其他代码短，可能丢了前导零；请把该列设为文本并写全代码",
            row=lines[at],
            column=heading,
        )
    codes.notes += change_notes(heading, lines, codes.changes)
    return codes


def read_names(cells: Sequence[Cell], lines: Sequence[int], heading: str, found: Mistakes) -> Keys:
    """Read the name column; an empty name is ''."""
    names = Keys([])
    for at, cell in enumerate(cells):
        if isinstance(cell, FormulaError):
            found.add(
                f"{cell}: a formula failed here", f"{cell}：公式出错", row=lines[at], column=heading
            )
        written = _as_text(cell)
        names.values.append(written.strip())
        if written.strip() != written and written.strip():
            names.changes[at] = Change(written, written.strip(), ("spaces",))
    names.notes += change_notes(heading, lines, names.changes)
    return names


def read_periods(
    cells: Sequence[Cell], lines: Sequence[int], heading: str, found: Mistakes
) -> Keys:
    """Read the period column as text: 2023, 2023-07, 2023Q3, 2023年; dates as ISO 8601."""
    periods = Keys([])
    for at, cell in enumerate(cells):
        written = _as_text(cell)
        wide = half_width(written)
        period = wide.strip()
        if not period or isinstance(cell, bool | FormulaError):
            found.add(
                f"{shown(written)}: expected a period such as 2023, 2023-07 or 2023Q3",
                f"{shown(written)}：应为时期，如 2023、2023-07、2023Q3",
                row=lines[at],
                column=heading,
            )
        kinds = _kinds(written, wide, period)
        if period and kinds:
            periods.changes[at] = Change(written, period, kinds)
        periods.values.append(period)
    periods.notes += change_notes(heading, lines, periods.changes)
    return periods


def settle_names(
    codes: Sequence[str], names: Sequence[str], lines: Sequence[int], regions: Regions | None
) -> tuple[list[str], list[Note]]:
    """Names as reported, else from the table of regions; notes where the two differ."""
    if regions is None:
        return list(names), []
    settled, differ = [], []
    for code, name, line in zip(codes, names, lines, strict=True):
        known = regions.name(code) if code in regions else ""
        if name and known and name != known and not _is_path(name, regions.full_name(code)):
            differ.append(f"row {line} {code}: {shown(name)} / {shown(known)}")
        settled.append(name or known)
    if not differ:
        return settled, []
    listed = "; ".join(differ[:5]) + ("; ..." if len(differ) > 5 else "")
    return settled, [
        Note(
            "name-differs",
            f"{len(differ)} names are not those of the table of regions: {listed}",
            f"{len(differ)} 个名称与区划表不同：{listed}",
            len(differ),
        )
    ]


_TOTALS = frozenset(
    ("合计", "总计", "小计", "共计", "总和", "total", "totals", "grand total", "subtotal", "sum")
)
"""What spreadsheets write in the code column of a row of totals."""


def _code(cell: Cell, line: int, heading: str, found: Mistakes) -> tuple[str, tuple[Kind, ...]]:
    def refuse(en: str, zh: str) -> tuple[str, tuple[Kind, ...]]:
        found.add(en, zh, row=line, column=heading)
        return "", ()

    if is_blank(cell):
        return refuse("the region's code is empty", "地区代码为空")
    if isinstance(cell, str):
        wide = half_width(cell)
        code = wide.strip()
        if _MANGLED.fullmatch(code):
            return refuse(
                f"{shown(code)}: a spreadsheet has made a number of the code; format the column as "
                "text and write the codes in full",
                f"{shown(code)}：代码被电子表格变成了数值；请把该列设为文本并写全代码",
            )
        if code.casefold() in _TOTALS:
            return refuse(
                f"{shown(code)}: a row of totals is not a region; take it out",
                f"{shown(code)}：合计行不是地区，请删除该行",
            )
        return code, _kinds(cell, wide, code)
    if isinstance(cell, int | float) and not isinstance(cell, bool) and cell == cell // 1:
        return str(int(cell)), ("number-as-text",)
    return refuse(
        f"{shown(_as_text(cell))}: expected a region's code as text",
        f"{shown(_as_text(cell))}：应为文本格式的地区代码",
    )


def _may_lack_a_zero(
    numeric: Sequence[int], codes: Sequence[str], regions: Regions | None
) -> list[int]:
    if not numeric:
        return []
    if regions is not None:
        shorn = {code.lstrip("0") for code in regions.codes if code.startswith("0")}
        return [at for at in numeric if codes[at] in shorn]
    longest = max(map(len, codes))
    return [at for at in numeric if len(codes[at]) < longest]


def _by_name(
    text: str,
    kinds: tuple[Kind, ...],
    name: str,
    regions: Regions,
    line: int,
    heading: str,
    found: Mistakes,
) -> tuple[str, tuple[Kind, ...]]:
    codes = regions.named(text)
    if len(codes) == 1:
        return codes[0], (*kinds, "name-to-code")
    if codes:
        listed = ", ".join(f"{code} {regions.full_name(code)}" for code in codes[:10])
        en = f"{len(codes)} regions have this name: {listed}; write the code or the full name"
        zh = f"有 {len(codes)} 个地区同名：{listed}；请写代码或全名"
    else:
        en, zh = _hint(text, name, regions) if found.worth_suggesting else ("", "")
        en, zh = f"not in the table of regions{en}", f"不在区划表中{zh}"
    found.add(f"{shown(text)}: {en}", f"{shown(text)}：{zh}", row=line, column=heading)
    return "", ()


def _hint(text: str, name: str, regions: Regions) -> tuple[str, str]:
    if not text[:1].isdigit():
        return regions.near(text)
    for other in (text[:6] if not text[6:].strip("0") else "", text.ljust(6, "0")):
        if other in regions and other != text:
            return f"; did you mean {other}?", f"；是否想写 {other}？"
    same_name = regions.named(name) if name else ()
    when_en, when_zh = regions.history(text)
    if len(same_name) == 1:
        when_en += f"; {name} has the code {same_name[0]}"
        when_zh += f"；{name}的代码是 {same_name[0]}"
    return when_en, when_zh


def _wrong_level(
    code: str, regions: Regions, level: str, line: int, heading: str, found: Mistakes
) -> None:
    region = regions[code]
    found.add(
        f"{code} {region.name} is a {region.level or 'region without a level'}; the model wants {level}",
        f"{code} {region.name}的级别是 {region.level or '（无）'}，模型要求 {level}",
        row=line,
        column=heading,
    )


def _kinds(written: str, wide: str, bare: str) -> tuple[Kind, ...]:
    kinds: tuple[Kind, ...] = ("width",) if wide != written else ()
    return (*kinds, "spaces") if bare != wide else kinds


def _as_text(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def _is_path(name: str, full_name: str) -> bool:
    """Whether the name is the region's own with names of upper levels before it."""
    own = full_name.rpartition("/")[2]
    bare = "".join(name.split()).replace("/", "")
    return bare.endswith(own) and full_name.replace("/", "").endswith(bare)
