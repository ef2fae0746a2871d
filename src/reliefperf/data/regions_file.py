"""A table of regions of one's own: columns code, name and, if wanted, parent and level."""

from __future__ import annotations

from collections.abc import Iterable

from reliefperf.data.cells import Cell, is_blank
from reliefperf.data.cleaning import half_width
from reliefperf.data.mistakes import Mistakes, shown
from reliefperf.data.reading import RawTable, normal
from reliefperf.data.regions import Region, Regions
from reliefperf.errors import suggestion


def regions_of(raw: RawTable) -> Regions:
    """The regions of a table that was read; raises InputError with every bad row."""
    found = Mistakes(raw.source)
    at = {normal(heading).lower(): index for index, heading in enumerate(raw.headings)}
    for needed in ("code", "name"):
        if needed not in at:
            en, zh = suggestion(needed, raw.headings)
            found.add(
                f"there is no column '{needed}'{en}", f"没有“{needed}”列{zh}", row=raw.header_line
            )
    for heading in at.keys() - {"code", "name", "parent", "level"}:
        found.add(
            f"'{heading}' is not a column of a table of regions: code, name, parent, level",
            f"“{heading}”不是区划表的列；应为 code, name, parent, level",
            row=raw.header_line,
            column=heading,
        )
    found.raise_if_any()
    lines: dict[str, int] = {}
    regions: dict[str, Region] = {}
    for line, row in zip(raw.lines, raw.rows, strict=True):
        values = {key: _text(row[index], line, key, found) for key, index in at.items()}
        region = Region(
            values["code"], values["name"], values.get("parent", ""), values.get("level", "")
        )
        for key in ("code", "name"):
            if not values[key]:
                found.add(f"the {key} is empty", f"{key} 为空", row=line, column=key)
        if region.code in regions:
            found.add(
                f"the code {shown(region.code)} already stands in row {lines[region.code]}",
                f"代码 {shown(region.code)} 已出现在第 {lines[region.code]} 行",
                row=line,
                column="code",
            )
        else:
            regions[region.code], lines[region.code] = region, line
    _check_parents(regions, lines, found)
    found.raise_if_any()
    return Regions(tuple(regions[code] for code in sorted(regions)), raw.source)


def _text(cell: Cell, line: int, key: str, found: Mistakes) -> str:
    if is_blank(cell):
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if not isinstance(cell, str):
        found.add(
            f"expected text, found {shown(cell)}",
            f"应为文本，却是 {shown(cell)}",
            row=line,
            column=key,
        )
    return half_width(str(cell)).strip()


def _check_parents(regions: dict[str, Region], lines: dict[str, int], found: Mistakes) -> None:
    for code, region in regions.items():
        if region.parent and region.parent not in regions:
            en, zh = suggestion(region.parent, regions) if found.worth_suggesting else ("", "")
            found.add(
                f"the parent {shown(region.parent)} is not in the table{en}",
                f"上级 {shown(region.parent)} 不在表中{zh}",
                row=lines[code],
                column="parent",
            )
        elif code in _chain(region.parent, regions):
            found.add(
                f"region {shown(code)} is its own ancestor",
                f"地区 {shown(code)} 是自己的上级",
                row=lines[code],
                column="parent",
            )


def _chain(code: str, regions: dict[str, Region]) -> Iterable[str]:
    above: set[str] = set()
    while code in regions and code not in above:
        above.add(code)
        code = regions[code].parent
    return above
