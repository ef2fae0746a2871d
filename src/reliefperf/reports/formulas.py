"""The formulas of a workbook, which calamine leaves aside, from the XML of its sheets.

A program that calculates anew shows what a formula gives, not the value stored beside it. Most
sheets have none; these are not parsed, only searched, so that a large workbook costs little.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree
from xml.parsers import expat

type Formulas = Mapping[tuple[int, int], str]
"""What cells hold besides their values, by row and column from 0: formulas, as "=SUM(B2:B9)"."""

HIDDEN_TEXT = "<is>"
"""Stands for a text in a cell of another type: some programs read it, Excel shows the cell's value."""

_OFFICE = "/officeDocument"
_STRINGS = "/sharedStrings"
_SHEET = re.compile(r"(?:/xl/)?(worksheets/\w+\.xml)", re.ASCII)
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")


def formulas_of(path: Path) -> dict[str, Formulas]:
    """The formulas of every sheet by its name.

    Raises one of many errors for what is no workbook, and ValueError for one whose parts are not
    where calamine looks for them: another program would show other parts.
    """
    with zipfile.ZipFile(path) as archive:
        return {name: _formulas(archive.read(part)) for name, part in _sheet_parts(archive).items()}


def _sheet_parts(archive: zipfile.ZipFile) -> dict[str, str]:
    names = [name.lower() for name in archive.namelist()]
    if len(set(names)) < len(names):
        raise ValueError("a part is there twice")
    for source, kind, wanted in (
        ("_rels/.rels", _OFFICE, "xl/workbook.xml"),
        ("xl/_rels/workbook.xml.rels", _STRINGS, "sharedStrings.xml"),
    ):
        for entry in _elements(archive, source, "Relationship"):
            target = entry.get("Target", "")
            if entry.get("Type", "").endswith(kind) and target not in (wanted, f"/xl/{wanted}"):
                raise ValueError(f"{kind} is {target}")
    targets = {
        entry.get("Id", ""): entry.get("Target", "")
        for entry in _elements(archive, "xl/_rels/workbook.xml.rels", "Relationship")
    }
    parts = {}
    for sheet in _elements(archive, "xl/workbook.xml", "sheet"):
        identity = next(value for key, value in sheet.attrib.items() if key.endswith("}id"))
        if not (found := _SHEET.fullmatch(targets[identity])):
            raise ValueError(f"a sheet is {targets[identity]}")
        parts[sheet.attrib["name"]] = f"xl/{found[1]}"
    return parts


def _elements(archive: zipfile.ZipFile, part: str, tag: str) -> list[ElementTree.Element]:
    root = ElementTree.fromstring(archive.read(part))
    return [entry for entry in root.iter() if entry.tag.rpartition("}")[2] == tag]


def _formulas(xml: bytes) -> Formulas:
    if not _has_element(xml, b"f") and not _has_element(xml, b"is"):
        return {}
    return _Cells(xml).found


def _has_element(xml: bytes, tag: bytes) -> bool:
    """Whether an element may have this name, with or without a prefix.

    Looking for one rare letter is many times as fast as looking for the bracket and the letter.
    """
    first, rest = tag[:1], tag[1:]
    at = xml.find(first)
    while at >= 0:
        end = at + len(tag)
        if (
            xml[at - 1 : at] in (b"<", b":")
            and xml[at + 1 : end] == rest
            and xml[end : end + 1] in b" />\t\r\n"
        ):
            return True
        at = xml.find(first, at + 1)
    return False


class _Cells:
    """Follows rows and cells; a cell without a reference follows the one before."""

    def __init__(self, xml: bytes) -> None:
        self.found: dict[tuple[int, int], str] = {}
        self._row, self._kind = 0, ""
        self._reference, self._since = "A1", 0
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.Parse(xml, True)

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        tag = tag.rpartition(":")[2]
        if tag == "c":
            self._kind = attributes.get("t", "")
            if "r" in attributes:
                self._reference, self._since = attributes["r"], 0
            else:
                self._since += 1
        elif tag == "row":
            self._row = int(attributes.get("r", self._row + 1))
            self._reference, self._since = f"A{self._row}", -1
        elif tag == "f":
            self._formula(attributes)
        elif tag == "is" and self._kind != "inlineStr":
            self.found[self._place()] = HIDDEN_TEXT

    def _formula(self, attributes: Mapping[str, str]) -> None:
        """Collect the words of a formula up to its end; one of many cells has attributes."""
        place, words = self._place(), list[str]()
        kind = ", ".join(f"{key}={value}" for key, value in attributes.items())
        self._parser.CharacterDataHandler = words.append

        def end(tag: str) -> None:
            if tag.rpartition(":")[2] == "f":
                self.found[place] = f"={''.join(words)}" + (f" ({kind})" if kind else "")
                self._parser.EndElementHandler = self._parser.CharacterDataHandler = None

        self._parser.EndElementHandler = end

    def _place(self) -> tuple[int, int]:
        found = _REFERENCE.fullmatch(self._reference)
        if found is None:
            raise ValueError(f"cell {self._reference}")
        column = 0
        for letter in found[1]:
            column = column * 26 + ord(letter) - 64
        return int(found[2]) - 1, column - 1 + self._since
