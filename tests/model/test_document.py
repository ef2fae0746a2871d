"""YAML as plain values with positions; hostile files are refused with file, line and column."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reliefperf.errors import InputError, Mistake
from reliefperf.model.document import MAX_BYTES, load_document, parse_document


def mistakes(text: str) -> list[Mistake]:
    with pytest.raises(InputError) as caught:
        parse_document(text, "m.yaml")
    for mistake in caught.value.mistakes:
        assert mistake.file == "m.yaml"
        assert mistake.line >= 1
        assert mistake.en
        assert any("\u4e00" <= char <= "\u9fff" for char in mistake.zh)
    return list(caught.value.mistakes)


@pytest.mark.parametrize(
    ("text", "line", "column", "said"),
    [
        ("a: &x 1\nb: *x\n", 2, 4, "aliases (*x)"),
        ("a: 1\nb:\n  c: 1\n  c: 2\n", 4, 3, "'c' stands twice"),
        ("{a: 1, a: 2}", 1, 8, "'a' stands twice"),
        ("a: !!python/object:os.system {x: 1}\n", 1, 4, "tags are not allowed: !!python/object"),
        ("a: !!python/object/apply:os.system ['true']\n", 1, 4, "tags are not allowed"),
        ("a: !!str 5\n", 1, 4, "tags are not allowed: !!str"),
        ("a: !mine x\n", 1, 4, "tags are not allowed: !mine"),
        ("a: ! 5\n", 1, 4, "tags are not allowed"),
        ("!x a: 1\n", 1, 1, "tags are not allowed"),
        ("%YAML 1.1\n---\na: yes\n", 2, 1, "directives (%)"),
        ("%TAG ! tag:x,2000:\n---\na: 1\n", 2, 1, "directives (%)"),
        ("a: 1\n---\nb: 2\n", 2, 1, "a second begins here"),
        ("a:\n  <<: {b: 1}\n", 2, 3, "merge keys"),
        ("a: 1\n~: 2\n", 2, 1, "must stand in quotes"),
        ("true: 2\n", 1, 1, "must stand in quotes"),
        ("? [a, b]\n: 1\n", 1, 3, "a key must be a text"),
        ("a:\n\tb: 1\n", 2, 1, "not valid YAML"),
        ("a: [1, 2\nb: 3\n", 2, 2, "not valid YAML"),
        ("a: 'x\n", 2, 1, "not valid YAML"),
        ("a: b: c\n", 1, 5, "not valid YAML"),
        ("a: 1\nb: 85%x\n  c: 1\n", 3, 4, "not valid YAML"),
        ("a: @x\n", 1, 4, "not valid YAML"),
        ("a: 1\nb: x\x00y\n", 2, 5, "U+0000"),
        ("a: 1\nb: x\x07\n", 2, 5, "U+0007"),
        ('a: "\\ud800"\n', 1, 4, "half a character"),
        ("a: 011002\n", 1, 4, 'write "011002"'),
        ("a: [010, 020]\n", 1, 5, 'write "010"'),
        ("110101: x\n", 1, 1, 'write "110101"'),
        ("a: .inf\n", 1, 4, "not a number that can be used"),
        ("a: -.inf\n", 1, 4, "not a number that can be used"),
        ("a: .nan\n", 1, 4, "not a number that can be used"),
        ("a: 1e400\n", 1, 4, "not a number that can be used"),
        ("a: " + "9" * 5000 + "\n", 1, 4, "not a number that can be used"),
        ("", 1, 1, "the file is empty"),
        ("# nothing\n\n", 1, 1, "the file is empty"),
        ("---\n", 1, 1, "the file is empty"),
    ],
)
def test_what_is_not_wanted_is_refused_at_its_place(
    text: str, line: int, column: int, said: str
) -> None:
    first = mistakes(text)[0]
    assert said in first.en
    assert (first.line, first.column) == (line, column)


def test_every_mistake_is_told_at_once() -> None:
    found = mistakes("a: *x\nb: !t 1\nc: 007\nd: {e: 1, e: 2}\nf: .nan\n")
    assert [mistake.line for mistake in found] == [1, 2, 3, 4, 5]


def test_mistakes_before_a_syntax_error_are_told_too() -> None:
    assert [mistake.line for mistake in mistakes("a: 007\nb: [\n")] == [1, 3]


LAUGHS = "a: &a [x, x, x, x]\n" + "".join(
    f"{name}: &{name} [*{old}, *{old}, *{old}, *{old}, *{old}, *{old}]\n"
    for old, name in zip("abcdefghij", "bcdefghijk", strict=True)
)


@pytest.mark.parametrize(
    "text",
    [
        LAUGHS,
        "a: " + "[" * 3000 + "]" * 3000,
        "a: " + "{" * 3000,
        "a: " + "{a: " * 3000,
        "- " * 1500 + "x",
        "\n".join(" " * depth + "a:" for depth in range(300)),
        "&a " * 1000,
        "a: " + "!" * 50_000,
    ],
    ids=lambda text: text[:10],
)
def test_bombs_are_refused_at_once(text: str) -> None:
    assert mistakes(text)


def test_nesting_beyond_the_limit_names_the_place() -> None:
    text = "\n".join(" " * depth + "a:" for depth in range(150))
    assert [(m.line, m.en) for m in mistakes(text)] == [(102, "nested too deeply")]


def test_scalars_are_those_of_yaml_1_2() -> None:
    text = """\
        int: [1, -1, +5, 1_000, 0x1F, 0o17, 0]
        float: [1.5, .5, 5., 1e5, 1.5e3, -0.0]
        bool: [true, False, TRUE]
        text: [yes, no, on, off, 1:30, 2013-10-01, '5', "011002", 1__0, 0b1, =, "~"]
        null: [~, null, ]
    """.replace("null: [~, null, ]", "none: [~, null]")
    assert parse_document(text, "m.yaml").data == {
        "int": [1, -1, 5, 1000, 31, 15, 0],
        "float": [1.5, 0.5, 5.0, 1e5, 1500.0, -0.0],
        "bool": [True, False, True],
        "text": [
            "yes",
            "no",
            "on",
            "off",
            "1:30",
            "2013-10-01",
            "5",
            "011002",
            "1__0",
            "0b1",
            "=",
            "~",
        ],
        "none": [None, None],
    }


def test_positions_of_keys_and_values_count_from_one() -> None:
    document = parse_document("a:\n  - {b: 1, c: 'x'}\n", "m.yaml")
    assert document.position(("a", 0, "b")) == ("m.yaml", 2, 9)
    assert document.position(("a", 0, "b"), of_key=True) == ("m.yaml", 2, 6)
    assert document.position(("a", 0, "c")) == ("m.yaml", 2, 16)  # inside the quotes
    assert document.position(("a", 0, "nothing", "at", "all")) == ("m.yaml", 2, 5)


def test_an_offset_counts_into_a_text_of_one_line_only() -> None:
    document = parse_document("a: x + y\nb: |\n  x +\n  y\nc: x +\n  y\n", "m.yaml")
    assert document.mistake(("a",), "en", "zh", offset=4).column == 8
    assert document.mistake(("b",), "en", "zh", offset=4).column == 4
    assert document.mistake(("c",), "en", "zh", offset=4).column == 4


def refused(path: Path) -> Mistake:
    with pytest.raises(InputError) as caught:
        load_document(path)
    (mistake,) = caught.value.mistakes
    assert mistake.file == path.name
    assert mistake.zh
    return mistake


def test_a_file_that_is_not_utf8_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "model.yaml"
    path.write_bytes("model: a\ntitle: 社会救助\n".encode("gb18030"))
    mistake = refused(path)
    assert mistake.line == 2
    assert "UTF-8" in mistake.en


def test_a_byte_order_mark_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "model.yaml"
    path.write_bytes("model: 救助\n".encode("utf-8-sig"))
    assert load_document(path).data == {"model": "救助"}


def test_a_file_over_the_limit_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "model.yaml"
    path.write_bytes(b"a: 1\n" + b"#" * MAX_BYTES)
    assert "at most" in refused(path).en


def test_a_file_that_is_not_there_or_a_folder_is_said_so(tmp_path: Path) -> None:
    assert "cannot be read" in refused(tmp_path / "none.yaml").en
    assert "cannot be read" in refused(tmp_path).en


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=50) | st.text(alphabet="ab:-[]{},&*!|>'\"%@`#?\n \t0.1~", max_size=50))
def test_random_text_raises_nothing_but_an_input_error(text: str) -> None:
    try:
        parse_document(text, "m.yaml")
    except InputError as error:
        assert all(mistake.line >= 1 and mistake.zh for mistake in error.mistakes)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("model: a\nallocation:\n  budget： 1000\n  pools: {}\n", 3),
        ("model: a\nunit： 元\nbudget: 1\n", 2),
    ],
)
def test_a_full_width_colon_after_a_key_is_named(text, line):
    with pytest.raises(InputError) as raised:
        parse_document(text, "m.yaml")
    (mistake,) = raised.value.mistakes
    assert "not with `：`" in mistake.en
    assert "半角冒号" in mistake.zh
    assert mistake.line == line


def test_a_full_width_colon_in_a_text_is_none():
    with pytest.raises(InputError, match="not valid YAML"):
        parse_document('title: "甲：乙"\nlist: [1\n', "m.yaml")
