"""Pairs that change places when a region leaves."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reliefperf.errors import InputError
from reliefperf.scenarios.studies import study
from reliefperf.scenarios.studies.reversals import turned_pairs
from tests.scenarios.studies.building import DATA, MODEL, factors, folder_of

RANKS = st.lists(st.integers(1, 6).map(float), min_size=2, max_size=12)


@given(RANKS, st.randoms())
def test_pairs_are_those_that_counting_one_by_one_finds(before, random) -> None:
    after = before[:]
    random.shuffle(after)
    pairs = turned = 0
    for i, first in enumerate(before):
        for j, second in enumerate(before):
            pairs += first < second
            turned += first < second and after[i] > after[j]
    found = turned_pairs(np.array(before), np.array(after))
    assert found[:2] == (pairs, turned)


def test_a_region_without_rank_stands_in_no_pair() -> None:
    assert turned_pairs(np.array([1.0, np.nan]), np.array([2.0, 1.0])) == (0, 0, None)


def test_absolute_rules_know_no_reversal(tmp_path) -> None:
    absolute = MODEL.replace("{minmax: higher}", "{goalposts: [0, 10]}")
    absolute = absolute.replace("{minmax: lower}", "{goalposts: [10, 0]}")
    path = folder_of(tmp_path, factors("o: {leave_out: each}", reversals="true"), absolute)
    found = study(path).reversals
    assert found["left_out"].tolist() == ["01", "02", "03", "04", "05"]
    assert (found["pairs"] >= 5).all()
    assert (found["reversed"] == 0).all()


def test_a_relative_rule_turns_a_pair_round_when_the_extreme_leaves(tmp_path) -> None:
    data = "code,name,x,y,z,wrong,checked\n" + "".join(
        f'"0{i}",R{i},{x},{y},0,0,1\n'
        for i, (x, y) in enumerate([(100, 0), (10, 4), (0, 6), (5, 10)])
    )
    flat = MODEL.replace("{minmax: lower}", "{goalposts: [0, 1]}").replace(
        "weight: 40", "weight: 0"
    )
    flat = flat.replace("weight: 60", "weight: 100")
    text = factors("o: {choose: evaluation.decimals, among: [9, 8]}", reversals="{regions: ['00']}")
    found = study(folder_of(tmp_path, text, flat, data)).reversals
    assert found["left_out"].tolist() == ["00"]
    assert found["reversed"].tolist() == [1]
    assert (found["before"][0], found["after"][0]) == ("02", "01")


def test_a_region_that_is_not_there_is_named(tmp_path) -> None:
    text = factors("o: {leave_out: each}", reversals="{regions: ['06']}")
    with pytest.raises(InputError, match="no region '06'"):
        study(folder_of(tmp_path, text))


def test_what_cannot_be_scored_without_a_region_says_why(tmp_path) -> None:
    two = "\n".join(DATA.splitlines()[:3]) + "\n"
    text = factors("o: {leave_out: [none, first]}", reversals="true")
    found = study(folder_of(tmp_path, text, data=two)).reversals
    assert found["reversed"].isna().all()
    assert found["failed"].str.contains("first").all()
