"""What a model must agree on with itself: sums, weights, ids, pools."""

import pytest

from reliefperf.model.consistency import combine_of
from reliefperf.model.spec_evaluation import Power
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
    assert combine_of(spec.tree[0]) == "sum"


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
