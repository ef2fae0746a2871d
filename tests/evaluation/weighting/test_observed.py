"""The one policy of all methods that take weights from the values."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reliefperf.errors import InputError
from tests.building import note_kinds
from tests.evaluation.weighting.helpers import weighed

METHODS = ["entropy", "standard_deviation", "coefficient_of_variation", "critic", "pca"]
NAN = float("nan")
PARTS = np.array([[0.2, 0.9, 0.4, 0.7, 0.1], [0.5, 0.6, 0.9, 0.2, 0.3], [0.9, 0.8, 0.1, 0.4, 0.6]])


@pytest.mark.parametrize("how", METHODS)
def test_a_region_with_a_missing_child_is_left_out_and_noted(how: str) -> None:
    more = np.column_stack([PARTS, [0.1, NAN, 0.9]])
    found, siblings = weighed(more, how)
    assert found.values == pytest.approx(weighed(PARTS, how)[0].values)
    assert found.facts["regions"] == 5
    assert note_kinds(siblings.env.notes) == ["left-out-of-weights"]
    assert "in 1 region(s): r6" in siblings.env.notes[0].en


@pytest.mark.parametrize("how", METHODS)
def test_a_region_with_a_skipped_child_is_left_out_too(how: str) -> None:
    more = np.column_stack([PARTS, [0.1, 0.5, 0.9]])
    present = np.ones(more.shape, dtype=bool)
    present[0, 5] = False
    found, siblings = weighed(more, how, present)
    assert found.values == pytest.approx(weighed(PARTS, how)[0].values)
    assert note_kinds(siblings.env.notes) == ["left-out-of-weights"]


@pytest.mark.parametrize("how", METHODS)
def test_fewer_than_three_whole_regions_are_an_error_that_names_the_gaps(how: str) -> None:
    parts = PARTS[:, :3].copy()
    parts[1, 2] = NAN
    with pytest.raises(InputError, match=r"needs 3 regions .*, there are 2: 'c2' in 1 .* \(r3\)"):
        weighed(parts, how)
    with pytest.raises(InputError, match="there are 2"):
        weighed(PARTS[:, :2], how)


@pytest.mark.parametrize("how", METHODS)
def test_a_constant_child_is_an_error_or_has_no_weight_where_the_model_says_so(how: str) -> None:
    # 0.1 * 3 and 0.3 differ in the last bit: that is not a spread
    parts = np.vstack([PARTS, [0.3, 0.1 * 3, 0.3, 0.1 * 3, 0.3]])
    with pytest.raises(InputError, match="'c4' has the same value in all regions"):
        weighed(parts, how)
    found, siblings = weighed(parts, {how: True, "constant": "zero_weight"})
    assert found.values[3] == 0
    assert found.values[:3] == pytest.approx(weighed(PARTS, how)[0].values)
    assert note_kinds(siblings.env.notes) == ["zero-weight"]
    assert "'c4' has one value only" in siblings.env.notes[0].en


@pytest.mark.parametrize("how", METHODS)
def test_children_that_are_all_constant_are_an_error_in_any_case(how: str) -> None:
    for constant in ("error", "zero_weight"):
        with pytest.raises(InputError, match=r"all the same in every region \('c1', 'c2'\)"):
            weighed([[0.5] * 4, [0.0] * 4], {how: True, "constant": constant})


@pytest.mark.parametrize("how", METHODS)
def test_a_single_child_has_all_the_weight(how: str) -> None:
    assert weighed([[0.5, 0.5]], how)[0].values.tolist() == [1]


@pytest.mark.parametrize("how", METHODS)
def test_one_varying_child_takes_all_the_weight(how: str) -> None:
    found, _ = weighed([PARTS[0], [0.5] * 5], {how: True, "constant": "zero_weight"})
    assert found.values == pytest.approx([1, 0])


@pytest.mark.parametrize("how", ["entropy", "coefficient_of_variation"])
def test_negative_values_are_refused_and_named(how: str) -> None:
    parts = PARTS.copy()
    parts[2, 1] = -0.1
    with pytest.raises(
        InputError, match=rf"`{how}` cannot take a negative value: 'c3' in 1 .*\(r2"
    ):
        weighed(parts, how)


@settings(max_examples=30, deadline=None)
@given(st.permutations(range(5)), st.permutations(range(3)), st.sampled_from(METHODS))
def test_neither_the_order_of_regions_nor_of_children_matters(
    regions: list[int], children: list[int], how: str
) -> None:
    found = weighed(PARTS, how)[0].values
    turned = weighed(PARTS[np.ix_(children, regions)], how)[0].values
    assert turned == pytest.approx(found[children], rel=1e-9)
    assert found.sum() == pytest.approx(1)
    assert (found >= 0).all()
