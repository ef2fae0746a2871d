"""What a model must agree on with itself: sums, weights, ids, pools."""

import pytest

from reliefperf.evaluation.combining.means import Power, Sum
from reliefperf.model.consistency_evaluation import combine_of
from tests.building import mistakes_of, model_of

LEAF = "value: 1, score: as_is"


def said(text: str) -> list[tuple[int, str]]:
    return [(mistake.line, mistake.en) for mistake in mistakes_of(text)]


def evaluation(*lines: str) -> str:
    return "\n".join(["model: m", "parameters: {p: 4}", "evaluation:", *(f"  {x}" for x in lines)])


@pytest.mark.parametrize(
    ("lines", "line", "message"),
    [
        (
            [
                "full_marks: 9",
                f"tree: [{{id: a, points: p, {LEAF}}}, {{id: b, points: 6, {LEAF}}}]",
            ],
            4,
            "the points of the tree add up to 10, not 9",
        ),
        (
            [f"tree: [{{id: g, points: 5, children: [{{id: a, points: p, {LEAF}}}]}}]"],
            4,
            "'g' has 5 points, but those below it add up to 4",
        ),
        (
            [f"tree: [{{id: a, points: 4, {LEAF}}}, {{id: b, {LEAF}}}]"],
            4,
            "`combine` must say how the children combine",
        ),
        (
            ["combine: sum", f"tree: [{{id: a, points: 4, {LEAF}}}, {{id: b, {LEAF}}}]"],
            5,
            "'b' needs `points`: its group is a sum",
        ),
        (
            ["combine: sum", f"tree: [{{id: a, points: 4, weight: 1, {LEAF}}}]"],
            5,
            "'a' has a weight, but its group is a sum of points",
        ),
        (
            ["combine: arithmetic", f"tree: [{{id: a, weight: 1, {LEAF}}}, {{id: b, {LEAF}}}]"],
            5,
            "'b' has no weight though its siblings have",
        ),
        (
            [
                "combine: arithmetic",
                f"tree: [{{id: a, weight: 0.4, {LEAF}}}, {{id: b, weight: 0.5, {LEAF}}}]",
            ],
            5,
            "the weights in this tree add up to 0.9",
        ),
        (
            ["combine: arithmetic", f"tree: [{{id: a, weight: -1, {LEAF}}}]"],
            5,
            "a weight is negative",
        ),
        (
            ["combine: arithmetic", f"tree: [{{id: a, weight: 0, {LEAF}}}]"],
            5,
            "all weights are zero",
        ),
        (
            [
                "combine: product",
                f"tree: [{{id: a, weight: 1, {LEAF}}}, {{id: b, weight: 1, {LEAF}}}]",
            ],
            5,
            "a product takes no weights",
        ),
        ([f"tree: [{{id: a, points: 0, {LEAF}}}]"], 4, "'a' needs points above zero"),
        (["scale: 0", "combine: arithmetic", f"tree: [{{id: a, {LEAF}}}]"], 4, "the scale must be"),
        (
            ["scale: 0 / 0", "combine: arithmetic", f"tree: [{{id: a, {LEAF}}}]"],
            4,
            "'0 / 0' has no value",
        ),
        (
            ["combine: arithmetic", f"tree: [{{id: a, {LEAF}}}, {{id: a, {LEAF}}}]"],
            5,
            "'a' is already",
        ),
    ],
)
def test_a_disagreement_is_told_where_it_stands(lines: list[str], line: int, message: str) -> None:
    found = said(evaluation(*lines))
    assert len(found) == 1, found
    assert found[0][0] == line
    assert found[0][1].startswith(message)


@pytest.mark.parametrize(
    "lines",
    [
        ["full_marks: 10", f"tree: [{{id: a, points: p, {LEAF}}}, {{id: b, points: 6, {LEAF}}}]"],
        [
            "full_marks: 0.3",
            f"tree: [{{id: a, points: 0.1, {LEAF}}}, {{id: b, points: 0.2, {LEAF}}}]",
        ],
        [
            "combine: arithmetic",
            f"tree: [{{id: a, weight: 30, {LEAF}}}, {{id: b, weight: 70, {LEAF}}}]",
        ],
        [
            "combine: arithmetic",
            f"tree: [{{id: a, weight: 1, {LEAF}}}, {{id: b, weight: 1, {LEAF}}}]",
        ],
        [
            "combine: arithmetic",
            "normalise_weights: true",
            f"tree: [{{id: a, weight: 2, {LEAF}}}, {{id: b, weight: 1, {LEAF}}}]",
        ],
        [f"tree: [{{id: a, {LEAF}}}]"],  # one node at the top needs no way to combine
        ["combine: sum", f"tree: [{{id: g, children: [{{id: a, points: 4, {LEAF}}}]}}]"],
    ],
)
def test_what_agrees_is_accepted(lines: list[str]) -> None:
    assert said(evaluation(*lines)) == []


def test_how_children_combine_is_as_stated_else_a_sum_of_points() -> None:
    spec = model_of(
        evaluation(
            "combine: {power: 2}",
            f"tree: [{{id: g, children: [{{id: a, points: 4, {LEAF}}}]}}, {{id: b, {LEAF}}}]",
        )
    ).spec.evaluation
    assert spec is not None
    assert combine_of(spec) == Power(power=2)
    assert combine_of(spec.tree[0]) == Sum()


def allocation(*lines: str) -> str:
    return "\n".join(["model: m", "allocation:", "  unit: yuan", *(f"  {line}" for line in lines)])


POOL = "pools: {a: {share: 1, weight: 1}}"


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([POOL], "a share needs `budget`"),
        (["budget: 9", "pools: {a: {share: 1.5, weight: 1}}"], "a share lies between 0 and 1"),
        (["budget: 9", POOL, "smallest: 0"], "'0' is not an amount above zero"),
        (["budget: 9", POOL, "smallest: fen"], "'fen' is not an amount above zero"),
        (["budget: 9", POOL, "smallest: -0.01"], "'-0.01' is not an amount above zero"),
        (
            ["budget: 9", POOL, "rules: [{id: r, cap: 1}, {id: r, cap: 2}]"],
            "the id 'r' stands twice",
        ),
        (["budget: 9", POOL, "rules: [{id: r, pool: [a, b], cap: 1}]"], "'b' is not a pool"),
        (["budget: 9", POOL, "objectives: [change]"], "objective 'change' needs `previous_amount`"),
        (["budget: 9", POOL, "objectives: [coverage]"], "objective 'coverage' needs `need`"),
    ],
)
def test_a_disagreement_of_the_allocation(lines: list[str], message: str) -> None:
    found = said(allocation(*lines))
    assert any(text.startswith(message) for _, text in found), found


@pytest.mark.parametrize("check", ["{id: c, value: 1}", "{id: c, value: 1, column: a, equals: 2}"])
def test_a_comparison_needs_a_column_or_a_number(check: str) -> None:
    assert said(f"model: m\npublished: [{check}]\n") == [
        (2, "check 'c' needs either `column` or `equals`")
    ]


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("{steps: {at_least: [[90, 8]]}}", "a step gives 8 points, but full marks are 6"),
        ("{steps: {at_least: [[9, 101]]}, unit: percent}", "a step gives 101 points"),
        ("{steps: {at_most: [[9, 1], [9, 2]]}}", "the limit 9 stands twice"),
        ("{states: {1: 8}}", "the state '1' gives 8 points, but full marks are 6"),
        ("{piecewise: [[0, 0], [1, 8]]}", "a point gives 8 points, but full marks are 6"),
        ("{met: true, otherwise: 7}", "`otherwise` gives 7 points"),
        ("{deduct: -1, above: 0}", "`deduct` must be above zero, this is -1"),
        ("{deduct: 1, per: 0, above: 0}", "`per` must be above zero, this is 0"),
        ("{per_unit: 0}", "`per_unit` must be above zero"),
        ("{ratio: 0}", "the target of a ratio cannot be zero"),
        ("{goalposts: [p, 4]}", "the goalposts are equal (4)"),
        ("{improvement: 1, goalposts: [0, 0]}", "the goalposts are equal (0)"),
        ("as_is, override: [{when: 1 > 2, points: 8}]", "an override gives 8 points"),
    ],
)
def test_numbers_of_a_rule_that_cannot_be_meant_are_mistakes(rule: str, message: str) -> None:
    for lines in (
        [f"tree: [{{id: a, points: 6, value: 1, score: {rule}}}]"],
        [f"tree: [{{id: g, children: [{{id: a, points: 6, value: 1, score: {rule}}}]}}]"],
    ):
        ((line, said_of_it),) = said(evaluation(*lines))
        assert line == 4
        assert message in said_of_it


def test_full_marks_are_above_zero() -> None:
    lines = ["full_marks: 0", "combine: arithmetic", f"tree: [{{id: a, {LEAF}}}]"]
    assert said(evaluation(*lines)) == [(4, "full marks must be above zero")]


@pytest.mark.parametrize(
    ("bands", "more", "wrong"),
    [
        ("[{grade: A, at_least: 60}, {grade: B, at_least: 80}, {grade: C}]", "", True),
        ("[{grade: A, above: p}, {grade: B, at_least: 5}, {grade: C}]", "", True),
        ("[{grade: A, above: 60}, {grade: B, at_least: 60}, {grade: C}]", "", False),
        ("[{grade: A, at_least: 60, quota: 2}, {grade: B, at_least: 80}, {grade: C}]", "", False),
        ("[{grade: A, at_least: 60, when: 1 > 2}, {grade: B, above: 80}, {grade: C}]", "", False),
        (
            "[{grade: A, at_least: 60}, {grade: B, at_least: 60}, {grade: C}]",
            "adjustments: [{id: c, cap_grade: B}]",
            False,
        ),
    ],
)
def test_a_grade_that_no_score_can_reach_is_a_mistake(bands: str, more: str, wrong: bool) -> None:
    lines = ["combine: arithmetic", f"tree: [{{id: a, {LEAF}}}]", f"grades: {{bands: {bands}}}"]
    found = said(evaluation(*lines, *([more] if more else [])))
    assert [line for line, _ in found] == ([6] if wrong else [])
    assert all("no region can get the grade 'B'" in message for _, message in found)
