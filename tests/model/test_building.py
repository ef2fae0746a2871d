"""A model as a whole: names, stages, kinds of places, what a name means where."""

import pytest

from reliefperf.model.building import RESERVED
from reliefperf.model.building.stages import ON_SCORE
from reliefperf.model.expressions import Expr
from reliefperf.model.model import expressions_in
from reliefperf.model.spec import ModelSpec
from tests.building import evaluated, mistakes_of, model_of


def said(text: str) -> list[str]:
    return [mistake.en for mistake in mistakes_of(text)]


@pytest.mark.parametrize("name", sorted(RESERVED))
@pytest.mark.parametrize(
    "section", ["variables: {%s: {}}", "parameters: {%s: 5}", "derived: {%s: 5}"]
)
def test_reserved_names_are_refused(name: str, section: str) -> None:
    (message,) = said(f"model: m\n{section % name}\n")
    assert message.startswith(f"'{name}' is a word of the language")


@pytest.mark.parametrize(
    "name",
    ["ＧＤＰ", "2nd", "a-b", "a b", "_x", "in", "and", "lambda", "None", "a.b", "ﬁrst", "'x²'"],
)
def test_names_that_expressions_cannot_write_are_refused(name: str) -> None:
    (message,) = said(f'model: m\nvariables:\n  "{name}": {{}}\n')
    assert "cannot be used in expressions" in message


@pytest.mark.parametrize("name", ["低保人数", "a1", "é", "class", "min", "share", "name"])
def test_other_names_can_be_used(name: str) -> None:
    text = f"model: m\nvariables: {{{name}: {{}}}}\nderived: {{d: {name} + 1}}\n"
    assert said(text) == []


def test_ids_of_nodes_need_not_be_names_but_must_not_look_like_other_names() -> None:
    tree = (
        "model: m\nevaluation:\n  combine: arithmetic\n  tree: [{id: %s, value: 1, score: as_is}]\n"
    )
    assert said(tree % "hold-harmless") == []
    assert "cannot be used" in said(tree % "ＧＤＰ")[0]
    assert "is a word of the language" in said(tree % "name")[0]  # a column of scores.csv


def test_a_name_is_given_once_in_the_whole_model() -> None:
    text = """\
        model: m
        variables: {a: {}}
        parameters: {a: 1}
        derived: {a: 2}
        evaluation:
          combine: arithmetic
          tree: [{id: a, value: 1, score: as_is}]
        allocation: {unit: yuan, pools: {a: {each: 1}}}
    """
    found = mistakes_of(text)
    assert [mistake.line for mistake in found] == [3, 4, 7, 8]
    assert all("'a' is already a variable" in mistake.en for mistake in found)


def test_a_table_cannot_take_the_name_of_a_function() -> None:
    assert "is a function of the language" in said("model: m\ntables: {min: {lookup: {a: 1}}}\n")[0]


STAGES = """\
    model: m
    variables: {x: {}, zone: {type: text}}
    derived:
      first: x + 1
      second: first * score
      third: second + base
      state: where(grade == 'A', zone, 'none')
    evaluation:
      combine: arithmetic
      tree: [{id: n, value: first, score: as_is}]
      grades: {bands: [{grade: A, at_least: 1}, {grade: B}]}
    allocation:
      unit: yuan
      budget: 100
      pools:
        base: {share: 0.5, weight: second}
        award: {share: 0.5, weight: base * n, eligible: state != 'none'}
    published:
      - {id: p, value: third + amount + award, column: c}
"""


def test_derived_columns_are_ordered_by_the_stage_that_knows_them() -> None:
    assert dict(model_of(STAGES).derived) == {
        0: ("first",),
        1: ("second", "state"),
        2: ("third",),
        "base": ("third",),
        ON_SCORE: ("second",),
    }


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("value: first", "value: first * score", "'score' is known only after the evaluation"),
        ("value: first", "value: second", "'second' is known only after the evaluation"),
        ("value: first", "value: base", "'base' is known only after the allocation"),
        ("at_least: 1", "at_least: base", "'base' is known only after the allocation"),
        ("weight: second", "weight: award", "'award' is a pool that stands later in the file"),
        ("weight: second", "weight: third", "'third' is made of what pool 'base' pays"),
        ("budget: 100", "budget: budget * 2", "unknown name 'budget'"),
        ("share: 0.5, weight: second", "share: x, weight: second", "'x' differs by region"),
        ("share: 0.5, weight: second", "share: total(x), weight: second", "'x' differs by region"),
        ("weight: second", "weight: zone", "expected a number, this gives a text"),
        ("eligible: state != 'none'", "eligible: x + 1", "expected a condition"),
        ("third + amount", "third + amuont", "did you mean 'amount'?"),
    ],
)
def test_a_name_means_something_only_where_it_is_known(old: str, new: str, message: str) -> None:
    assert STAGES.count(old) == 1
    messages = said(STAGES.replace(old, new))
    assert any(message in found for found in messages), messages


def test_a_name_of_a_wrong_definition_gives_rise_to_no_more_mistakes() -> None:
    text = """\
        model: m
        variables: {a: {tipe: text}, b: {}}
        tables: {t: {lookup: {}}}
        parameters: {p: {value: x, valeu: 2}}
        derived:
          c: a == 'x'
          d: t(a) + p + c
          e: d + missing_name
        evaluation:
          combine: arithmetic
          tree:
            - {id: n, value: b, scor: as_is}
        allocation:
          unit: yuan
          pools: {pay: {each: n * d}, rest: {each: pay + 1, hmm: 2}}
          rules: [{id: r, pool: pay, cap: n}, {id: s, pool: rest, cap: 1}]
    """
    assert [(mistake.line, mistake.key) for mistake in mistakes_of(text)] == [
        (2, "variables.a.tipe"),
        (3, "tables.t"),
        (4, "parameters.p.valeu"),
        (8, "derived.e"),
        (12, "evaluation.tree.0.scor"),
        (15, "allocation.pools.rest.hmm"),
    ]


def test_previous_may_look_at_what_is_known_later_and_at_itself() -> None:
    text = """\
        model: m
        variables: {x: {}}
        derived:
          held: max(x, previous(held))
          state: "where(previous(state) == 'high' or previous(grade) == 'A', 'high', 'low')"
          later: where(score > 1, 'a', 'b')
        evaluation:
          combine: arithmetic
          tree: [{id: n, value: "if_missing(previous(n), x)", score: as_is}]
          adjustments: [{id: i, when: "previous(later) == 'a'", bonus: 1}]
    """
    assert said(text) == []


def test_a_kind_that_does_not_fit_is_told_under_previous_too() -> None:
    text = """\
        model: m
        derived: {d: "previous(state) + 1", state: "where(score > 1, 'a', 'b')"}
        evaluation: {combine: arithmetic, tree: [{id: n, value: 1, score: as_is}]}
    """
    assert said(text) == ["expected a number, this is a text"]


def test_every_expression_of_a_model_is_compiled() -> None:
    model = model_of(STAGES)
    found = list(expressions_in(model.spec))
    assert len(found) > 10
    for path, expr, _ in found:
        assert isinstance(expr, Expr)
        assert model.compiled(expr).expr is expr, path


def test_a_model_tells_what_it_holds() -> None:
    model = model_of(STAGES)
    assert repr(model) == "<Model m: 2 variables, 1 indicators, 2 pools, 0 rules>"
    assert model._repr_html_().startswith("<b>m</b>")
    assert model.title("en") == "m"
    assert model.language == "zh"


def test_a_spec_is_frozen() -> None:
    spec = model_of("model: m\n").spec
    assert isinstance(spec, ModelSpec)
    with pytest.raises(ValueError, match="frozen"):
        spec.model = "other"


def test_the_longest_chain_of_derived_columns_is_no_trouble() -> None:
    lines = ["model: m", "variables: {x0: {}}", "derived:"]
    lines += [f"  x{i}: x{i - 1} + 1" for i in range(1, 400)]
    assert said("\n".join(lines)) == []


@pytest.mark.parametrize(
    "condition",
    [
        "zone == 'easst'",
        "'easst' != zone",
        "zone in ['west', 'easst']",
        "previous(zone) == 'easst'",
    ],
)
def test_a_text_is_compared_only_with_what_it_can_be(condition: str) -> None:
    text = f"""\
        model: m
        variables: {{zone: {{type: text, values: [east, west]}}}}
        derived: {{d: "{condition}"}}
    """
    (mistake,) = mistakes_of(text)
    assert mistake.en == "'easst' is not one of the values of zone; did you mean 'east'?"
    assert not mistakes_of(text.replace("easst", "east"))


def test_a_grade_is_compared_only_with_a_band_of_the_model() -> None:
    text = """\
        model: m
        evaluation:
          combine: arithmetic
          tree: [{id: a, value: 1, score: as_is}]
          grades: {bands: [{grade: good, at_least: 8}, {grade: pass}]}
        derived: {d: grade == 'goood'}
    """
    (mistake,) = mistakes_of(text)
    assert "'goood' is not one of the values of grade; did you mean 'good'?" in mistake.en


@pytest.mark.parametrize(
    ("expression", "hint"),
    [
        ("sum(x)", "did you mean 'total'?"),
        ("x > 1 AND x < 2", "write `and`"),
        ("NOT(x > 1)", "write `not a`"),
        ("1,000", "without thousands separators"),
        ("x * 1,050", "without thousands separators"),
    ],
)
def test_habits_from_elsewhere_get_a_hint(expression: str, hint: str) -> None:
    (mistake,) = mistakes_of(f'model: m\nvariables: {{x: {{}}}}\nderived: {{d: "{expression}"}}\n')
    assert hint in mistake.en


TITLED = """\
    model: m
    variables: {a: {}, b: {}}
    derived:
      ratio: {title: {zh: 比率, en: Ratio}, unit: "%", basis: 办法第五条, note: x, value: 100 * a / b}
      twice: 2 * ratio
"""


def test_a_derived_column_may_have_a_title_beside_its_expression() -> None:
    model = model_of(TITLED)
    assert [expr.text for expr in model.spec.derived_exprs.values()] == ["100 * a / b", "2 * ratio"]
    assert [model.compiled(expr) is not None for expr in model.spec.derived_exprs.values()]
    found = {path: expr.text for path, expr, _ in expressions_in(model.spec)}
    assert found == {
        ("derived", "ratio", "value"): "100 * a / b",
        ("derived", "twice"): "2 * ratio",
    }


@pytest.mark.parametrize(
    ("column", "place", "words"),
    [
        ("{title: T}", "derived.d.value", "'value' is missing"),
        ("{titel: T, value: a}", "derived.d.titel", "did you mean 'title'?"),
        ("{title: 3, value: a}", "derived.d.title", "expected"),
        ("{value: 1 +}", "derived.d.value", "not an expression"),
        ("{value: a + nobody}", "derived.d.value", "unknown name 'nobody'"),
        ("[a]", "derived.d", "an expression in text"),
    ],
)
def test_what_is_wrong_with_a_titled_column_is_named_at_its_place(
    column: str, place: str, words: str
) -> None:
    (mistake,) = mistakes_of(f"model: m\nvariables: {{a: {{}}}}\nderived: {{d: {column}}}\n")
    assert mistake.key == place
    assert words in mistake.en


def test_notes_name_the_column_or_item_of_an_expression() -> None:
    model = model_of("""
model: m
variables: {x: {missing: error}}
derived: {half: {value: 1 / x}}
evaluation:
  tree: [{id: i, points: 10, value: "if_missing(half, 1)", score: {per_unit: 1}}]
  adjustments: [{id: late, when: 1 / x > 2, deduct: 1}]
""")
    _, env = evaluated(model, {"x": [0]})
    assert {note.place for note in env.notes} == {"half", "late"}
