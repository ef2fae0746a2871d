"""Methods of weighting against the groups they stand in, and sets of weights."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.building import evaluated, mistakes_of, model_of

LEAF = "value: 1, score: as_is"


def tree(first: str = "", *, second: str = "", root: str = "combine: arithmetic") -> str:
    """Two groups, the second with points; `first` and `second` are put into the groups."""
    return f"""\
model: m
evaluation:
  {root}
  tree:
    - id: g
      {first or "combine: arithmetic"}
      children: [{{id: a, {LEAF}}}, {{id: b, {LEAF}}}, {{id: c, {LEAF}}}]
    - id: h
      {second or "title: sum"}
      children: [{{id: d, points: 40, {LEAF}}}, {{id: e, points: 60, {LEAF}}}]
"""


def said(text: str) -> list[tuple[int, str]]:
    return [(mistake.line, mistake.en) for mistake in mistakes_of(text)]


def with_sets(sets: Sequence[str], *more: str) -> str:
    lines = ["  weight_sets:", *(f"    {line}" for line in sets), *(f"  {line}" for line in more)]
    return tree() + "\n".join(lines) + "\n"


def test_a_method_on_a_sum_of_points_is_refused() -> None:
    ((line, message),) = said(tree(second="weights: equal"))
    assert line == 9
    assert "'h' is a sum of points, which leaves nothing to weigh" in message


@pytest.mark.parametrize("combine", ["product", "minimum", "maximum"])
def test_a_method_where_weights_say_nothing_is_refused(combine: str) -> None:
    ((line, message),) = said(tree(f"combine: {combine}\n      weights: equal"))
    assert line == 7
    assert f"`{combine}` uses no weights, so `weights: equal` would say nothing" in message


def test_a_method_beside_the_childrens_own_weights_is_refused() -> None:
    text = tree("combine: arithmetic\n      weights: critic").replace(
        "{id: b,", "{id: b, weight: 1,"
    )
    found = said(text)
    assert (
        7,
        "the weights come either from `critic` or from the children's `weight` ('b' has one)",
    ) in found


def test_a_mistake_in_a_method_of_the_root_stands_on_its_line() -> None:
    text = tree(root="combine: arithmetic\n  weights:\n    ahp: {g: {h: 0}}")
    ((line, message),) = said(text)
    assert line == 5
    assert "weights of 'evaluation': 'g' against 'h': a comparison must be above zero" in message


SETS = ["A: {g: 0.3, h: 0.7}", "B: {a: 50, b: 30, c: 20}", "C: {g: 1, h: 1, a: 2, b: 2, c: 2}"]


def test_sets_that_are_whole_pass() -> None:
    assert said(with_sets(SETS, "use_weights: B")) == []
    assert said(with_sets(["E: {g: 3, h: 4}"], "normalise_weights: true")) == []


@pytest.mark.parametrize(
    ("given", "line", "message"),
    [
        ("A: {g: 0.3, hh: 0.7}", 12, "set 'A': 'hh' is not a node of the tree; did you mean"),
        (
            "A: {a: 0.3, b: 0.7}",
            12,
            "set 'A' has a weight for 'a', but not for 'c' beside it in 'g'",
        ),
        ("A: {g: -0.3, h: 1.3}", 12, "set 'A': the weight of 'g' is negative"),
        ("A: {g: 0, h: 0}", 12, "set 'A': all weights in 'evaluation' are zero"),
        ("A: {g: 0.3, h: 0.8}", 12, "the weights in 'evaluation' add up to 1.1, not to 1 or 100"),
        (
            "A: {d: 0.3, e: 0.7}",
            12,
            "set 'A' has a weight for 'd', but 'h' is a sum of points and uses no weights",
        ),
    ],
)
@pytest.mark.parametrize("used", [True, False])
def test_a_set_that_is_wrong_is_refused_also_when_not_in_use(
    given: str, line: int, message: str, used: bool
) -> None:
    found = said(with_sets([given], *(["use_weights: A"] if used else [])))
    assert (line, True) in [(at, message in text) for at, text in found]


def test_an_unknown_set_is_named_with_the_nearest() -> None:
    ((line, message),) = said(with_sets(SETS, "use_weights: AA"))
    assert line == 15
    assert message == "'AA' is not a set of weights; did you mean 'A'?"


def test_a_set_for_a_group_without_weights_is_refused() -> None:
    text = with_sets(["A: {a: 1, b: 1, c: 1}"]).replace(
        "combine: arithmetic\n      children", "combine: minimum\n      children"
    )
    ((_, message),) = said(text)
    assert "'g' combines by `minimum` and uses no weights" in message


MODEL = """\
model: m
variables: {{p: {{}}, q: {{}}, r: {{}}}}
evaluation:
  combine: arithmetic
  weight_sets:
    tops: {{g: 0.9, r1: 0.1}}
    whole: {{g: 0.5, r1: 0.5, p1: 1, q1: 3}}
{use}
  tree:
    - id: g
      weight: 0.2
      combine: arithmetic
      normalise_weights: true
      children:
        - {{id: p1, weight: 1, value: p, score: as_is}}
        - {{id: q1, weight: 1, value: q, score: as_is}}
    - {{id: r1, weight: 0.8, value: r, score: as_is}}
"""


@pytest.mark.parametrize(
    ("use", "score"),
    [("", 0.2 * 50), ("  use_weights: tops", 0.9 * 50), ("  use_weights: whole", 0.5 * 25)],
)
def test_the_set_in_use_counts_and_groups_it_does_not_name_keep_their_weights(
    use: str, score: float
) -> None:
    evaluation, _ = evaluated(model_of(MODEL.format(use=use)), {"p": [100], "q": [0], "r": [0]})
    assert evaluation.score == pytest.approx([score])


def test_a_set_counts_before_a_method() -> None:
    text = with_sets(SETS, "use_weights: B").replace(
        "combine: arithmetic\n      children",
        "combine: arithmetic\n      weights: equal\n      children",
    )
    evaluation, _ = evaluated(model_of(text), {})
    assert evaluation.nodes["g"].shares.ravel() == pytest.approx([0.5, 0.3, 0.2])
    assert evaluation.nodes["h"].shares.ravel() == pytest.approx([0.4, 0.6])
