"""A bad file for each kind of mistake, and every mistake of a file at once, without follow-ups."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest

from reliefperf.errors import InputError
from reliefperf.model.building import build_model, load_model_file
from reliefperf.model.document import Document, Path_, dotted, load_document, walk_paths
from tests.building import mistakes_of, places_of

BAD = Path(__file__).parent / "bad"

# file: line, column, English, Chinese
EXPECTED: dict[str, tuple[int, int, str, str]] = {
    "unknown-key": (
        2,
        17,
        "unknown key 'unti'; did you mean 'unit'?",
        "未知的键“unti”；是否想写“unit”？",
    ),
    "wrong-type": (3, 12, "expected a number, found 'none'", "此处应为数字，而写的是 'none'"),
    "missing-key": (5, 7, "'id' is missing", "缺少“id”"),
    "not-one-of": (
        3,
        16,
        "expected one of keep, error, zero, found 'zro'; did you mean 'zero'?",
        "此处应为下列之一：keep、error、zero，而写的是 'zro'；是否想写“zero”？",
    ),
    "expression-syntax": (4, 10, "not an expression: '(' was never closed", "不是合法的表达式"),
    "unknown-name": (
        3,
        18,
        "unknown name 'recipient'; did you mean 'recipients'?",
        "未知名称“recipient”；是否想写“recipients”？",
    ),
    "unknown-function": (
        3,
        14,
        "unknown function 'meen'; did you mean 'mean'?",
        "未知函数“meen”；是否想写“mean”？",
    ),
    "text-for-number": (
        4,
        6,
        "expected a number, this is a text",
        "此处应为数值，而这里是文本",
    ),
    "name-twice": (
        3,
        14,
        "'a' is already a variable; give a parameter another name",
        "“a”已是变量的名称；请为参数另取名",
    ),
    "reserved-name": (
        3,
        3,
        "'score' is a word of the language; choose another name",
        "“score”是语言保留的名称；请另取名",
    ),
    "name-of-no-use": (
        3,
        3,
        "'2nd-year' cannot be used in expressions",
        "“2nd-year”不能用于表达式",
    ),
    "circle": (3, 6, "goes round in a circle: a -> b -> a", "循环引用：a -> b -> a"),
    "known-later": (
        6,
        26,
        "'score' is known only after the evaluation",
        "“score”在评价完成之后才有值",
    ),
    "scoring-rule": (
        6,
        32,
        "'goalpost' is not a scoring rule; did you mean 'goalposts'?",
        "“goalpost”不是计分规则；是否想写“goalposts”？",
    ),
    "two-scoring-rules": (
        6,
        32,
        "one scoring rule at a time, found ratio, per_unit",
        "只能写一个计分规则，这里有 ratio, per_unit",
    ),
    "sum-of-points": (
        4,
        15,
        "the points of the tree add up to 10, not 12",
        "各项分值合计 10，与满分 12 不符",
    ),
    "sum-of-weights": (
        6,
        5,
        "the weights in this tree add up to 0.9, not to 1 or 100",
        "权重合计 0.9，既非 1 也非 100",
    ),
    "no-combine": (4, 3, "`combine` must say how the children combine", "须写 combine 说明"),
    "leaf-and-group": (
        6,
        7,
        "node 'i' needs either `value` (an indicator) or `children` (a group)",
        "节点“i”须有 value（指标）或 children（分组）之一",
    ),
    "pair": (3, 37, "expected a pair [.., ..], found [50]", "此处应为两项的列表"),
    "table-file": (3, 6, "nowhere.csv cannot be read", "无法以 UTF-8 读取 nowhere.csv"),
    "shares": (
        6,
        5,
        "the shares of the pools add up to 1.1, more than the budget",
        "各资金池比重合计 1.1，超过预算",
    ),
    "rule-pool": (
        7,
        21,
        "'awards' is not a pool; did you mean 'award'?",
        "“awards”不是资金池；是否想写“award”？",
    ),
    "pool-kind": (6, 8, "a pool needs exactly one of weight", "一个资金池须且只能写 weight"),
    "date": (2, 7, "'next year' is not a date", "“next year”不是日期"),
    "unquoted-code": (3, 16, 'a region code must be quoted: write "010101"', "地区代码必须加引号"),
    "two-lines": (4, 6, "unknown name 'b'", "未知名称“b”"),
}


def test_every_bad_file_is_expected() -> None:
    assert {path.stem for path in BAD.glob("*.yaml")} == {*EXPECTED, "twelve-mistakes"}


@pytest.mark.parametrize("name", EXPECTED)
def test_a_bad_file_gives_its_one_mistake_at_its_place(name: str) -> None:
    with pytest.raises(InputError) as caught:
        load_model_file(BAD / f"{name}.yaml", f"{name}.yaml")
    (mistake,) = caught.value.mistakes
    line, column, en, zh = EXPECTED[name]
    assert mistake.en.startswith(en)
    assert mistake.zh.startswith(zh)
    assert (mistake.file, mistake.line, mistake.column) == (f"{name}.yaml", line, column)


def test_twelve_mistakes_in_a_file_are_twelve_messages_at_their_lines() -> None:
    with pytest.raises(InputError) as caught:
        load_model_file(BAD / "twelve-mistakes.yaml", "model.yaml")
    found = [(mistake.line, mistake.key) for mistake in caught.value.mistakes]
    assert found == [
        (2, "languge"),
        (3, "date"),
        (5, "variables.a.type"),
        (6, "variables.b.min"),
        (8, "parameters.p.valeu"),
        (10, "derived.d"),
        (11, "derived.e"),
        (12, "derived.f"),
        (15, "evaluation.tree.0.score"),
        (16, "evaluation.tree.1.missing"),
        (19, "allocation.leftover"),
        (21, "allocation.pools.base.weigth"),
    ]


# ---------------------------------------------------------------- no follow-ups

BASE = (Path(__file__).parent / "base.yaml").read_text(encoding="utf-8")


def test_the_base_of_these_tests_is_sound() -> None:
    assert mistakes_of(BASE) == []


def broken(path: Path_, value: object) -> list[str]:
    """The keys of the mistakes when something else stands at a path of the base."""
    from reliefperf.model.document import parse_document

    base = parse_document(BASE, "model.yaml")
    document = Document("model.yaml", copy.deepcopy(base.data), base.values, base.keys)
    at = document.data
    for part in path[:-1]:
        at = at[part]
    at[path[-1]] = value
    try:
        build_model(document, None)
    except InputError as error:
        for mistake in error.mistakes:
            assert mistake.zh
            assert "Input should" not in mistake.en
        return [mistake.key for mistake in error.mistakes]
    return []


def paths() -> list[Path_]:
    from reliefperf.model.document import parse_document

    return [path for path in walk_paths(parse_document(BASE, "model.yaml").data) if path]


@pytest.mark.parametrize("section", list(dict.fromkeys(path[0] for path in paths())))
def test_a_wrong_type_anywhere_is_one_mistake_at_its_place(section: str) -> None:
    for path in paths():
        if path[0] == section:
            found = broken(path, [[]])
            assert len(found) == 1, (path, found)
            # a wrong part may make its whole wrong: a pair, or a table that lacks its only content
            assert found[0] == dotted(path[:-1]) or found[0].startswith(dotted(path)), path


WRONG = [None, "some text $$", {}, {"zz": 1}, 10**200, "", True, 7]


@pytest.mark.parametrize("shift", [0, 3])
def test_nothing_that_stands_in_a_file_raises_anything_but_an_input_error(shift: int) -> None:
    for place, path in enumerate(paths()):
        broken(path, WRONG[(place + shift) % len(WRONG)])


def test_a_file_that_is_a_list_or_a_text_is_told_so() -> None:
    for text in ("- model: m\n", "model\n", "5\n"):
        (mistake,) = mistakes_of(text)
        assert mistake.en.startswith("expected keys and values")
        assert places_of([mistake]) == [(1, mistake.column)]


def test_the_model_needs_a_name_and_nothing_else(tmp_path: Path) -> None:
    assert mistakes_of("model: m\n") == []
    assert [mistake.en for mistake in mistakes_of("note: x\n")] == ["'model' is missing"]
    for name in ("''", "a b", "../x", "5"):
        assert len(mistakes_of(f"model: {name}\n")) == 1


def test_positions_stay_right_when_elder_siblings_are_cut_out(tmp_path: Path) -> None:
    text = """\
        model: m
        variables: {a: {}}
        evaluation:
          combine: arithmetic
          tree:
            - {id: 5, value: a, score: as_is}
            - {id: i, value: a, score: as_is}
            - {id: j, vale: a, score: as_is}
            - {id: k, value: a, score: {ratio: nothing}}
            - {id: l, value: a, score: as_is, decimals: -1}
    """
    assert [m.line for m in mistakes_of(text)] == [6, 8, 9, 10]


def test_a_deep_file_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "model.yaml"
    path.write_text(BASE, encoding="utf-8")
    assert load_document(path).data["model"] == "base"
