"""The change of a score is the sum of its causes, exactly, and each cause is told from the others."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reliefperf.errors import InputError
from reliefperf.scenarios.explaining.decomposing import Decomposition, ItemChange, decompose
from tests.building import model_of, run_on

MODEL = """
model: years
language: en
data: {{region: code}}
variables: {{x: {{}}, y: {{}}}}
evaluation:
  combine: arithmetic
  tree:
    - {{id: a, weight: {wa}, value: x, score: {{goalposts: [0, {top}]}}}}
    - {{id: b, weight: {wb}, value: y, score: {{goalposts: [0, 10]}}}}
"""
ROWS = {"code": ["r1", "r2"], "x": [5.0, 10.0], "y": [2.0, 8.0]}


def text(wa: float = 0.5, wb: float = 0.5, top: float = 10) -> str:
    return MODEL.format(wa=wa, wb=wb, top=top)


def change(
    first: str, second: str, rows: dict[str, Any] | None = None, later: dict[str, Any] | None = None
) -> Decomposition:
    one = run_on(model_of(first), rows or ROWS)
    two = run_on(model_of(second), later or rows or ROWS)
    return decompose((one.model, one.last), (two.model, two.last))


def row(found: Decomposition, region: str, item: str) -> ItemChange:
    return next(row for row in found.of(region).rows if row.item == item)


def test_other_values_under_the_same_rules_are_values_alone() -> None:
    found = change(text(), text(), later=ROWS | {"x": [7.0, 10.0]})
    assert found.separable
    assert row(found, "r1", "a") == ItemChange("a", Decimal(10), *[Decimal(0)] * 3)
    assert found.of("r2").rows == ()


def test_other_rules_on_the_same_values_are_rules_alone() -> None:
    found = change(text(), text(top=20))
    assert row(found, "r1", "a") == ItemChange(
        "a", Decimal(0), Decimal("-12.5"), Decimal(0), Decimal(0)
    )


def test_other_weights_alone_are_weights_alone() -> None:
    found = change(text(), text(wa=0.8, wb=0.2))
    assert row(found, "r1", "a").weights == Decimal(15)
    assert row(found, "r1", "b").weights == Decimal(-6)
    assert found.of("r1").after - found.of("r1").before == Decimal(9)


def test_two_causes_at_once_are_split_evenly_between_them() -> None:
    # 50 points at stake; values alone +10, rules alone -12.5, both together: 17.5 - 25 = -7.5
    found = change(text(), text(top=20), later=ROWS | {"x": [7.0, 10.0]})
    values = ((35 - 25) + (17.5 - 12.5)) / 2
    assert row(found, "r1", "a").values == Decimal(str(values))
    assert row(found, "r1", "a").rules == Decimal("-7.5") - Decimal(str(values))


def test_an_indicator_of_one_year_only_is_structure() -> None:
    more = text() + "    - {id: c, weight: 0.5, value: x, score: {goalposts: [0, 10]}}\n"
    more = more.replace("combine: arithmetic", "combine: arithmetic\n  normalise_weights: true")
    found = change(text(), more)
    assert row(found, "r1", "c").structure > 0
    assert row(found, "r1", "a").weights < 0


def test_a_variable_that_one_year_lacks_leaves_values_and_rules_together() -> None:
    other = (
        text()
        .replace("y: {{}}", "z: {{}}")
        .replace("y: {}", "z: {}")
        .replace("value: y", "value: z")
    )
    found = change(text(), other, later={"code": ["r1", "r2"], "x": [6.0, 1.0], "z": [1.0, 2.0]})
    assert not found.separable
    assert found.why is not None
    assert "'z'" in found.why[0]
    assert all(row.rules == 0 for region in found.regions for row in region.rows)


def test_a_region_without_a_score_is_named() -> None:
    found = change(text(), text(), later={"code": ["r1"], "x": [5.0], "y": [2.0]})
    with pytest.raises(InputError, match="'r2'"):
        found.of("r2")


NUMBER = st.floats(0, 10).map(lambda value: round(value, 3))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(NUMBER, min_size=4, max_size=4),
    st.lists(NUMBER, min_size=4, max_size=4),
    st.sampled_from([0.5, 0.3, 0.75]),
    st.sampled_from([8.0, 10.0, 17.0]),
    st.sampled_from(["arithmetic", "{power: 2}"]),
    st.sampled_from([None, 2]),
)
def test_the_rows_add_up_to_the_change_exactly(
    one: list[float], two: list[float], weight: float, top: float, how: str, decimals: int | None
) -> None:
    extra = "" if decimals is None else f"\n  decimals: {decimals}"
    second = text(weight, 1 - weight, top).replace("combine: arithmetic", f"combine: {how}{extra}")
    second += "  adjustments: [{id: extra, when: x > 5, bonus: 1.5}]\n"
    first_rows = {"code": ["r1", "r2"], "x": one[:2], "y": one[2:]}
    later_rows = {"code": ["r2", "r1"], "x": two[:2], "y": two[2:]}
    found = change(text(), second, first_rows, later_rows)
    assert len(found.regions) == 2
    for region in found.regions:
        assert sum((row.change for row in region.rows), Decimal(0)) == region.after - region.before


PANEL = """
model: years
language: en
data: {{region: code, period: year}}
variables: {{x: {{}}, y: {{}}}}
evaluation:
  combine: arithmetic
  panel: {panel}
{treatment}
  tree:
    - {{id: a, weight: 0.5, value: x, score: {{minmax: higher}}}}
    - {{id: b, weight: 0.5, value: y, score: {{goalposts: [0, {top}]}}}}
"""
YEARS = {
    "code": ["r1", "r2", "r1", "r2"],
    "year": ["2023", "2023", "2024", "2024"],
    "x": [5.0, 10.0, 7.0, 9.0],
    "y": [2.0, 8.0, 2.0, 8.0],
}


def across(panel: str, treatment: str = "") -> Decomposition:
    one, two = (
        run_on(model_of(PANEL.format(panel=panel, treatment=treatment, top=top)), YEARS)
        for top in (10, 20)
    )
    return decompose((one.model, one.periods["2023"]), (two.model, two.periods["2024"]))


@pytest.mark.parametrize("panel", ["{normalise: base, base: 2023}", "{normalise: pooled}"])
def test_rules_are_told_from_values_where_periods_are_measured_together(panel: str) -> None:
    found = across(panel)
    assert found.separable
    assert row(found, "r1", "a") == ItemChange("a", Decimal(20), *[Decimal(0)] * 3)
    assert row(found, "r1", "b").rules == Decimal(-5)
    assert row(found, "r1", "b").values == 0


def test_pooled_periods_that_were_treated_together_are_said_to_be_inseparable() -> None:
    found = across("{normalise: pooled}", "  treatment: [{winsorise: 1}]")
    assert not found.separable
    assert found.why is not None
    assert "treated as one table" in found.why[0]
    assert row(found, "r1", "b").values == Decimal(-5)


def test_self_reported_and_verified_values_are_scored_under_the_other_rules() -> None:
    claimed = """
    model: years
    language: en
    data: {{region: code}}
    variables: {{x: {{self: said, verified: seen, take: verified}}}}
    evaluation:
      tree: [{{id: a, points: 10, value: 2 * verified(x) - self(x), score: {{goalposts: [0, {top}]}}}}]
    """
    rows = {"code": ["r1"], "said": [5.0], "seen": [5.0]}
    found = change(claimed.format(top=10), claimed.format(top=20), rows)
    assert row(found, "r1", "a").rules == Decimal("-2.5")


@settings(deadline=None, max_examples=20)
@given(
    *(st.integers(1, 20).map(float) for _ in range(2)),
    *(st.integers(20, 60).map(float) for _ in range(2)),
    *(st.integers(1, 9).map(lambda tenths: tenths / 10) for _ in range(2)),
)
def test_the_split_is_the_one_of_the_page(x_was, x_now, top_was, top_now, w_was, w_now) -> None:
    # by hand, from the formula: 100 x weight x value / top, each cause in the mean of both orders
    found = change(
        text(wa=w_was, wb=round(1 - w_was, 1), top=top_was),
        text(wa=w_now, wb=round(1 - w_now, 1), top=top_now),
        ROWS | {"x": [x_was, 1.0]},
        ROWS | {"x": [x_now, 1.0]},
    )
    stake, earned = 50 * (w_was + w_now), (x_was / top_was + x_now / top_now) / 2
    values = stake * (x_now - x_was) * (1 / top_was + 1 / top_now) / 2
    rules = stake * (x_was + x_now) / 2 * (1 / top_now - 1 / top_was)
    rows = [row for row in found.of("r1").rows if row.item == "a"]
    got = [float(rows[0].values), float(rows[0].rules), float(rows[0].weights)] if rows else [0] * 3
    assert got == pytest.approx([values, rules, 100 * (w_now - w_was) * earned], abs=2e-6)
