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
