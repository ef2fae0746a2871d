"""What calamine cannot say of a sheet, from its XML: failed formulas, percentages, its extent.

calamine gives an empty text for a formula that failed or was never calculated, and 0.85 for a cell
shown as 85%: these would be changes in silence. And it fills all the space up to the farthest cell, so that one stray cell ends
the process for want of memory: the extent has to be known before.
"""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass, field
from functools import cache
from xml.etree import ElementTree
from xml.parsers import expat

from reliefperf.data.mistakes import refuse

MOST_CELLS = 20_000_000
LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
_PERCENT_FORMATS = frozenset(("9", "10"))
_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^]]*\]')
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")


@dataclass
class Marks:
    """The places (row, column), from 1, of failed formulas and of numbers shown as percentages."""

    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    percents: set[tuple[int, int]] = field(default_factory=set)


def scan(xml: bytes, percents: frozenset[str], source: str) -> Marks:
    """Read a sheet's XML; `percents` are the cell styles that show a percent sign.

    Raises InputError when the sheet reaches too far, and ValueError or ExpatError when its XML is
    not that of a sheet.
    """
    scanner = _Scanner(percents)
    scanner.parser.Parse(xml, True)
    scanner.settle()
    if scanner.last_row * scanner.last_column > MOST_CELLS:
        raise refuse(
            source,
            f"the sheet reaches to row {scanner.last_row} and column {scanner.last_column}; delete "
            "the stray cells and empty rows beyond the table",
            f"工作表延伸到第 {scanner.last_row} 行、第 {scanner.last_column} 列；"
            "请删除表格以外的单元格和空行",
        )
    return scanner.marks


def percent_styles(archive: zipfile.ZipFile) -> frozenset[str]:
    """The cell styles of a workbook whose number format shows a percent sign."""
    if "xl/styles.xml" not in archive.namelist():
        return frozenset()
    formats = set(_PERCENT_FORMATS)
    for entry in elements(archive, "xl/styles.xml", "numFmt"):
        if "%" in _QUOTED.sub("", entry.get("formatCode", "")):
            formats.add(entry.get("numFmtId", ""))
    for group in elements(archive, "xl/styles.xml", "cellXfs"):
        return frozenset(
            str(at) for at, style in enumerate(group) if style.get("numFmtId") in formats
        )
    return frozenset()


def elements(archive: zipfile.ZipFile, part: str, tag: str) -> list[ElementTree.Element]:
    """All elements of a part of the workbook with this tag, whatever its namespace."""
    root = ElementTree.fromstring(archive.read(part))
    return [entry for entry in root.iter() if entry.tag.rpartition("}")[2] == tag]


class _Scanner:
    """Follows rows and cells; a cell without a reference follows the one before."""

    def __init__(self, percents: frozenset[str]) -> None:
        self.percents, self.marks = percents, Marks()
        self.row = self.column = self.last_row = self.last_column = 0
        self.uncalculated: tuple[int, int] | None = None
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self.start

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        tag = tag.rpartition(":")[2]
        if tag == "c":
            self.settle()
            self.move(attributes.get("r"))
            if attributes.get("t") == "e":
                self.failed()
            elif attributes.get("s") in self.percents:
                self.marks.percents.add((self.row, self.column))
        elif tag == "f":
            self.uncalculated = (self.row, self.column)
        elif tag == "v":
            self.uncalculated = None
        elif tag == "row":
            self.row = int(attributes.get("r", self.row + 1))
            self.column = 0
            if not 0 < self.row <= LAST_ROW:
                raise ValueError(f"row {self.row}")

    def move(self, reference: str | None) -> None:
        if reference is None:
            self.column += 1
        elif found := _REFERENCE.fullmatch(reference):
            self.column, self.row = _column(found[1]), int(found[2])
        else:
            raise ValueError(f"cell {reference}")
        self.last_row = max(self.last_row, self.row)
        self.last_column = max(self.last_column, self.column)
        if self.column > LAST_COLUMN or not 0 < self.row <= LAST_ROW:
            raise ValueError(f"row {self.row}, column {self.column}")

    def settle(self) -> None:
        """Mark the last cell if it has a formula and no value: nobody has calculated it yet."""
        if self.uncalculated is not None:
            self.marks.errors.setdefault(self.uncalculated, "formula without a value")
        self.uncalculated = None

    def failed(self) -> None:
        """Collect the words of a failed formula, #REF! or the like, up to the end of its cell."""
        place, words = (self.row, self.column), list[str]()
        self.parser.CharacterDataHandler = words.append

        def end(tag: str) -> None:
            if tag.rpartition(":")[2] == "c":
                self.marks.errors[place] = "#" + "".join(words).rpartition("#")[2].strip()
                self.parser.EndElementHandler = self.parser.CharacterDataHandler = None

        self.parser.EndElementHandler = end


@cache
def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number
