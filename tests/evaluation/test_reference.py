"""One contract for comparisons in a panel: each period, the base period, or all pooled."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reliefperf.errors import InputError
from reliefperf.evaluation.evaluate import evaluate
from reliefperf.scenarios.running import Run
from tests.building import environment, mistakes_of, model_of, note_kinds, plain_list, run_on

RULES = [
    "{minmax: higher, range: [1, 9]}",
    "{minmax: lower, full_at: 0, by: zone}",
    "{zscore: higher, mean: 5}",
    "{rank: lower, ties: max}",
    "{percentile: higher, by: zone}",
    "{borda: higher, start: 1}",
    "{compared: higher, to: best}",
    "{around: median, band: 0.1, marks: [0, 5, 10]}",
]
TEXT = """\
model: panel
language: en
data: {{region: code, period: year}}
variables: {{x: {{}}, zone: {{type: text}}}}
evaluation:
  scale: 10
  combine: arithmetic
  panel: {panel}
  tree:
    - {{id: i, value: x, score: {rule}, missing: score_missing}}
"""
ROWS: dict[str, list[Any]] = {
    "code": ["a", "b", "c", "a", "b", "c"],
    "year": [2019, 2019, 2019, 2020, 2020, 2020],
    "x": [10, 20, 30, 15, 20, 40],
    "zone": ["n"] * 6,
}


def panel(how: str, rule: str, rows: dict[str, list[Any]] = ROWS) -> Run:
    constant = f"{rule[:-1]}, constant: half}}"
    return run_on(model_of(TEXT.format(panel=how, rule=constant)), rows)


def found(run: Run, period: str) -> dict[str, float | None]:
    evaluation = run.periods[period].evaluation
    assert evaluation is not None
    return dict(zip(evaluation.codes, plain_list(evaluation.values("i")), strict=True))


def test_each_period_is_measured_by_itself() -> None:
    run = panel("{normalise: each}", "{minmax: higher}")
    assert found(run, "2019") == {"a": 0, "b": 5, "c": 10}
    assert found(run, "2020") == {"a": 0, "b": 2, "c": 10}


def test_the_base_period_measures_all_and_what_lies_beyond_is_held_and_noted() -> None:
    run = panel("{normalise: base, base: 2019}", "{minmax: higher}")
    assert found(run, "2019") == {"a": 0, "b": 5, "c": 10}
    assert found(run, "2020") == {"a": 2.5, "b": 5, "c": 10}
    (note,) = (note for note in run.notes if note.kind == "outside-reference")
    assert note.en == (
        "2020: a value beyond those of the periods compared with is held at their end in 1 "
        "region(s): c"
    )
    free = panel("{normalise: base, base: 2019}", "{minmax: higher, clip: none}")
    assert found(free, "2020") == {"a": 2.5, "b": 5, "c": 15}
    assert any("counts as it is" in note.en for note in free.notes)


def test_pooled_periods_have_one_least_and_one_greatest_value() -> None:
    run = panel("{normalise: pooled}", "{minmax: higher}")
    third = 10 / 3
    assert list(found(run, "2019").values()) == pytest.approx([0, third, 2 * third])
    assert list(found(run, "2020").values()) == pytest.approx([third / 2, third, 10])


def test_places_in_the_base_period_are_those_a_value_would_take() -> None:
    run = panel("{normalise: base, base: 2019}", "{borda: higher}")
    assert found(run, "2020") == {"a": 1, "b": 1, "c": 2}
    run = panel("{normalise: base, base: 2019}", "{rank: higher}")
    assert found(run, "2020") == {"a": 0, "b": 5, "c": 10}
    run = panel("{normalise: pooled}", "{percentile: higher}")
    assert found(run, "2020")["c"] == 10


def test_standard_scores_use_the_mean_and_spread_of_the_base_period() -> None:
    run = panel("{normalise: base, base: 2019}", "{zscore: higher}")
    assert found(run, "2020") == {"a": -0.5, "b": 0, "c": 2}


def test_a_reference_region_has_its_value_of_the_base_period() -> None:
    run = panel("{normalise: base, base: 2019}", "{compared: higher, region: c}")
    assert list(found(run, "2020").values()) == pytest.approx([5, 20 / 3, 40 / 3])


def test_a_group_that_the_base_period_lacks_has_no_points_and_is_noted() -> None:
    rows = {**ROWS, "zone": ["n", "n", "n", "n", "n", "s"]}
    run = panel("{normalise: base, base: 2019}", "{minmax: higher, by: zone}", rows)
    assert found(run, "2020") == {"a": 2.5, "b": 5, "c": None}
    assert "no-reference" in note_kinds(run.notes)


def test_filled_gaps_are_among_the_values_compared() -> None:
    text = TEXT.replace("missing: score_missing", "missing: group_mean, group: zone")
    rows = {**ROWS, "x": [10, None, 30, 15, 20, 40]}
    run = run_on(model_of(text.format(panel="{normalise: pooled}", rule="{borda: higher}")), rows)
    assert found(run, "2020") == {"a": 1, "b": 2, "c": 5}


rows_of_periods = st.lists(
    st.tuples(
        st.sampled_from(["2019", "2020", "2021"]),
        st.sampled_from("abcdef"),
        st.one_of(st.none(), st.integers(1, 9).map(float)),
        st.sampled_from("ns"),
    ),
    min_size=2,
    max_size=14,
    unique_by=lambda row: row[:2],
)


def as_rows(rows: list[tuple[Any, ...]]) -> dict[str, list[Any]]:
    year, code, x, zone = (list(column) for column in zip(*rows, strict=True))
    return {"code": code, "year": year, "x": x, "zone": zone}


@pytest.mark.parametrize("rule", RULES)
@settings(max_examples=15)
@given(rows=rows_of_periods)
def test_one_pooled_period_is_a_period_by_itself(rule: str, rows: list[tuple[Any, ...]]) -> None:
    one = as_rows([(rows[0][0], *row[1:]) for row in {row[1]: row for row in rows}.values()])
    period = one["year"][0]
    each = found(panel("{normalise: each}", rule, one), period)
    assert found(panel("{normalise: pooled}", rule, one), period) == each
    assert found(panel(f"{{normalise: base, base: {period}}}", rule, one), period) == each


@pytest.mark.parametrize("rule", RULES)
@settings(max_examples=15)
@given(rows=rows_of_periods)
def test_the_base_period_is_scored_as_if_by_itself(rule: str, rows: list[tuple[Any, ...]]) -> None:
    base = rows[0][0]
    table = as_rows(rows)
    each = found(panel("{normalise: each}", rule, table), base)
    assert found(panel(f"{{normalise: base, base: {base}}}", rule, table), base) == each


@pytest.mark.parametrize("rule", RULES)
@settings(max_examples=15)
@given(rows=rows_of_periods, data=st.data())
def test_the_order_of_rows_does_not_matter(
    rule: str, rows: list[tuple[Any, ...]], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(rows))
    straight = panel("{normalise: pooled}", rule, as_rows(rows))
    other = panel("{normalise: pooled}", rule, as_rows(shuffled))
    for period in straight.periods:
        assert found(other, period) == found(straight, period)


def test_equal_values_in_pooled_periods_match_across_periods() -> None:
    run = panel("{normalise: pooled}", "{zscore: higher}")
    assert found(run, "2019")["b"] == found(run, "2020")["b"]


def test_a_base_period_that_is_not_in_the_data_is_an_error() -> None:
    with pytest.raises(InputError, match=r"no period '2018'.*did you mean '2019'"):
        panel("{normalise: base, base: 2018}", "{minmax: higher}")


def test_one_period_alone_cannot_be_scored_by_the_rest() -> None:
    model = model_of(TEXT.format(panel="{normalise: pooled}", rule="{minmax: higher}"))
    env = environment({"x": [1, 2], "zone": "n"})
    with pytest.raises(InputError, match="needs all periods; run the whole panel"):
        evaluate(model, env, ("", ""))


def test_base_goes_with_its_period() -> None:
    (mistake,) = mistakes_of(TEXT.format(panel="{normalise: base}", rule="{minmax: higher}"))
    assert mistake.en == "`normalise: base` and `base` (the period) go together"


def treated_text(step: str, how: str = "{normalise: pooled}") -> str:
    text = TEXT.format(panel=how, rule="{minmax: higher}")
    return text.replace("  tree:", f"  treatment: [{step}]\n  tree:")


def test_pooled_periods_are_treated_as_one_table() -> None:
    text = treated_text("{id: w, winsorise: 1, end: highest}")
    run = run_on(model_of(text), ROWS)
    # 40 of 2020 comes down to 30 of 2019
    assert found(run, "2020") == {"a": 2.5, "b": 5, "c": 10}
    assert found(run, "2019") == {"a": 0, "b": 5, "c": 10}
    treated = [period.evaluation.treated for period in run.periods.values() if period.evaluation]
    cells = [list(each.cells()) for each in treated if each is not None]
    assert [len(of_period) for of_period in cells] == [0, 1]
    assert (cells[1][0].region, cells[1][0].before, cells[1][0].after) == (2, 40, 30)


def test_what_is_noted_on_the_way_to_treated_values_is_said_once() -> None:
    text = treated_text("{id: w, winsorise: 1, end: highest}").replace("value: x", "value: 60 / x")
    rows = {**ROWS, "x": [10, 20, 30, 0, 20, 40]}
    run = run_on(model_of(text), rows)
    notes = [note for note in run.notes if note.kind == "division-by-zero"]
    assert [note.en.split(":")[0] for note in notes] == ["2020"]


def test_a_base_period_is_treated_region_by_region_only() -> None:
    base = "{normalise: base, base: 2019}"
    run = run_on(model_of(treated_text("{id: w, cap: [null, 25]}", base)), ROWS)
    assert list(found(run, "2020").values()) == pytest.approx([10 / 3, 20 / 3, 10])
    (mistake,) = mistakes_of(treated_text("{id: w, winsorise: 1}", base))
    assert mistake.en.startswith("`winsorise` looks at the values of a period")
