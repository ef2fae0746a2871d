from __future__ import annotations

from pathlib import Path

import pytest

from reliefperf.data import text_file
from reliefperf.data.reading import read_cells
from reliefperf.errors import InputError

from .helpers import csv_bytes, kinds, write_csv

ROWS = [["代码", "人数"], ["110101", "12"], ["110102", ""]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_unicode_and_gb18030_are_told_apart(tmp_path: Path, encoding: str) -> None:
    raw = read_cells(write_csv(tmp_path / "a.csv", ROWS, encoding))
    assert raw.headings == ("代码", "人数")
    assert kinds(raw.notes) == (["encoding"] if encoding == "gb18030" else [])


def test_rare_characters_of_county_names_survive_gb18030(tmp_path: Path) -> None:
    rows = [["name"], ["埇桥区浉河区瀍河回族区猇亭区硚口区鄠邑区"]]
    raw = read_cells(write_csv(tmp_path / "a.csv", rows, "gb18030"))
    assert raw.rows[0] == ("埇桥区浉河区瀍河回族区猇亭区硚口区鄠邑区",)


def test_the_encoding_can_be_overruled(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("縣市,戶數\n臺北,5\n".encode("big5"))
    assert read_cells(path, encoding="big5").headings == ("縣市", "戶數")


@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "no-such", "base64", "undefined", "hex"])
def test_bytes_that_do_not_decode_are_refused(tmp_path: Path, encoding: str) -> None:
    path = write_csv(tmp_path / "a.csv", ROWS, "gb18030")
    with pytest.raises(InputError, match="--encoding"):
        read_cells(path, encoding=encoding)


@pytest.mark.parametrize("content", [b"a,b\n\xff\xff,1\n", b"a,b\n1\0,2\n"])
def test_bytes_that_are_no_text_are_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(InputError, match="UTF-8, GB18030"):
        read_cells(tmp_path / "a.csv")


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_the_delimiter_is_counted_in_the_first_line(tmp_path: Path, delimiter: str) -> None:
    rows = [["a", "b"], ["1,2;3\t4", "x"], ["5", "6"]]
    (tmp_path / "a.txt").write_bytes(csv_bytes(rows, delimiter=delimiter))
    raw = read_cells(tmp_path / "a.txt")
    assert raw.rows == (("1,2;3\t4", "x"), ("5", "6"))


def test_a_delimiter_within_quotes_does_not_count(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('"a,b,c";"d,e"\n1;2\n', encoding="utf-8")
    assert read_cells(tmp_path / "a.csv").headings == ("a,b,c", "d,e")


def test_two_delimiters_alike_are_not_guessed(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a;b,c\n1;2,3\n", encoding="utf-8")
    with pytest.raises(InputError, match="comma and semicolon"):
        read_cells(tmp_path / "a.csv")


def test_tsv_is_parted_by_tabs_whatever_its_headings(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text("a,b,c\td\n1\t2\n", encoding="utf-8")
    assert read_cells(tmp_path / "a.tsv").headings == ("a,b,c", "d")


@pytest.mark.parametrize(
    "content", ['a,b\n"1,2\n', 'a,b\n"1"x,2\n', "a,b\n" + "1" * 200_000 + ",2\n"]
)
def test_broken_quotation_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "a.csv").write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match="quotation marks"):
        read_cells(tmp_path / "a.csv")


def test_a_workbook_with_a_false_ending_is_named_as_such(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"PK\x03\x04....")
    with pytest.raises(InputError, match="this is a workbook"):
        read_cells(tmp_path / "a.csv")


def test_decoding_strips_a_mark_even_under_a_named_encoding() -> None:
    text, _ = text_file.decode("\ufeffa".encode(), "a.csv", "utf-8")
    assert text == "a"


WESTERN = ["codigo;municipio\n1;Abaíra\n2;São José\n", "Québec\n1\n", "français\nRhône-Alpes\n"]


@pytest.mark.parametrize("text", WESTERN)
@pytest.mark.parametrize("encoding", ["latin-1", "cp1252"])
def test_a_western_text_is_not_taken_for_chinese(tmp_path: Path, text: str, encoding: str) -> None:
    (tmp_path / "a.csv").write_bytes(text.encode(encoding))
    with pytest.raises(InputError, match="encoding: cp1252"):
        read_cells(tmp_path / "a.csv")
    assert kinds(read_cells(tmp_path / "a.csv", encoding=encoding).notes) == []


@pytest.mark.parametrize("text", ["省,县\n甲,1\n", "A类,B类\n代码,1\n", "code,县\nx,1\n"])
def test_single_chinese_characters_are_still_chinese(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.csv").write_bytes(text.encode("gb18030"))
    assert kinds(read_cells(tmp_path / "a.csv").notes) == ["encoding"]
