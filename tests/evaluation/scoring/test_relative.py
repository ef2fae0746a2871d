"""What all rules that compare regions promise: groups, gaps, values that are all equal, order."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reliefperf.errors import InputError
from tests.building import evaluated, model_of, note_kinds, plain_list
from tests.evaluation.scoring.helpers import notes, points, reason, text_of

RULES = [
    "{minmax: higher}",
    "{minmax: lower, range: [2, 8]}",
    "{zscore: higher, mean: 5, sd: 2}",
    "{rank: higher, ties: average}",
    "{percentile: lower}",
    "{percentile: higher, steps: {at_least: [[75, 10], [25, 5]]}}",
    "{borda: higher, ties: dense}",
    "{compared: higher, to: median}",
    "{around: mean, band: 0.1, marks: [0, 5, 10]}",
]
GROUPS = ["n", "n", "n", "s", "s"]
values = st.lists(
    st.one_of(st.none(), st.integers(1, 9).map(float)), min_size=2, max_size=12
).filter(lambda x: len({v for v in x if v is not None}) > 1)


def with_option(rule: str, option: str) -> str:
    return f"{rule[:-1]}, {option}}}"


@pytest.mark.parametrize("rule", RULES)
def test_values_that_are_all_equal_are_an_error_that_names_the_indicator(rule: str) -> None:
    with pytest.raises(InputError) as error:
        points(rule, [3, 3, None])
    (mistake,) = error.value.mistakes
    assert "indicator 'i'" in mistake.en
    assert "only one value: 3 in 2 region(s) (r1, r2)" in mistake.en
    assert "constant: zero" in mistake.en
    assert "指标“i”" in mistake.zh
    assert mistake.line == 9


@pytest.mark.parametrize("rule", RULES)
def test_the_error_names_the_group_without_spread(rule: str) -> None:
    with pytest.raises(InputError, match="in the group 's': 7 in 2 region"):
        points(with_option(rule, "by: z"), [2, 4, 6, 7, 7], z=GROUPS)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize(
    ("word", "each"), [("zero", 0), ("half", 5), ("full", 10), ("missing", None)]
)
def test_constant_says_what_equal_values_get(rule: str, word: str, each: float | None) -> None:
    stated = with_option(rule, f"by: z, constant: {word}")
    found = points(stated, [2, 4, 6, 7, 7], z=GROUPS)
    assert found[3:] == [each, each]
    assert found[:3] == points(rule, [2, 4, 6])
    assert "no-spread" in notes(stated, [2, 4, 6, 7, 7], z=GROUPS)


def test_binary_noise_is_no_spread() -> None:
    assert points("{minmax: higher, constant: half}", [0.1 + 0.2, 0.3]) == [5, 5]
    assert points("{zscore: higher, constant: zero}", [0.1 + 0.2, 0.3]) == [0, 0]


@pytest.mark.parametrize("rule", RULES)
def test_a_gap_stays_a_gap_and_changes_nothing_for_others(rule: str) -> None:
    assert points(rule, [2, None, 4, 6]) == [
        value if place != 1 else None
        for place, value in enumerate(
            [*points(rule, [2, 4, 6])[:1], 0, *points(rule, [2, 4, 6])[1:]]
        )
    ]


@pytest.mark.parametrize("rule", RULES)
def test_a_region_without_a_group_has_no_points_and_is_noted(rule: str) -> None:
    stated = with_option(rule, "by: z")
    assert points(stated, [2, 4, 6, 9], z=["n", "n", "n", None])[3] is None  # type: ignore[list-item]
    assert "no-group" in notes(stated, [2, 4, 6, 9], z=["n", "n", "n", None])  # type: ignore[list-item]


@pytest.mark.parametrize("rule", RULES)
@given(x=values, data=st.data())
def test_the_order_of_regions_does_not_matter(
    rule: str, x: list[float | None], data: st.DataObject
) -> None:
    order = data.draw(st.permutations(range(len(x))))
    straight = points(rule, x)
    shuffled = points(rule, [x[place] for place in order])
    for at, place in enumerate(order):
        assert shuffled[at] == (
            None if straight[place] is None else pytest.approx(straight[place], rel=1e-12)
        )


@pytest.mark.parametrize("rule", RULES)
@given(x=values)
def test_groups_are_as_if_each_were_alone(rule: str, x: list[float | None]) -> None:
    both = points(with_option(rule, "by: z"), x + x, z=["a"] * len(x) + ["b"] * len(x))
    alone = points(rule, x)
    for place, expected in enumerate(alone + alone):
        assert both[place] == (None if expected is None else pytest.approx(expected, rel=1e-12))


@pytest.mark.parametrize("rule", RULES)
def test_many_indicators_at_once_score_as_each_by_itself(rule: str) -> None:
    rng = np.random.default_rng(5)
    columns = {f"x{k}": rng.uniform(1, 9, 40).round(1).tolist() for k in range(4)}
    columns["x2"] = [3.0] * 40
    columns["x3"][7] = None
    stated = with_option(rule, "constant: half")

    def text(ids: list[int]) -> str:
        lines = [f"    - {{id: i{k}, value: x{k}, score: {stated}, missing: skip}}" for k in ids]
        head = "model: m\nlanguage: en\nvariables: {x0: {}, x1: {}, x2: {}, x3: {}}\n"
        return f"{head}evaluation:\n  scale: 10\n  combine: arithmetic\n  tree:\n" + "\n".join(
            lines
        )

    together, env = evaluated(model_of(text([0, 1, 2, 3])), columns)
    assert note_kinds(env.notes).count("no-spread") == 1
    for k in range(4):
        alone = evaluated(model_of(text([k])), columns)[0]
        np.testing.assert_allclose(together.values(f"i{k}"), alone.values(f"i{k}"), rtol=1e-12)


def test_an_indicator_that_is_skipped_everywhere_is_compared_with_nothing() -> None:
    model = model_of(text_of("{minmax: higher}").replace("score_missing", "skip"))
    evaluation, env = evaluated(model, {"x": [None, None], "y": 0, "z": ["n", "n"]})
    assert plain_list(evaluation.values("i")) == [None, None]
    assert set(note_kinds(env.notes)) == {"skipped"}


def test_the_reason_says_that_all_values_are_equal() -> None:
    rule = "{zscore: higher, constant: half}"
    assert reason(rule, 3) == "3, as all values to compare: 5"
    assert reason(rule, 3, "zh") == "3，可比较的值全部相等，得 5 分"
