"""Columns over regions, their groups, the period before, and notes."""

import numpy as np

from reliefperf.model.environment import Environment, as_column, link, text_column
from tests.building import environment


def test_groups_are_numbered_and_missing_ones_have_none() -> None:
    env = environment({"z": ["s", "n", "s"], "x": [2, None, 2]})
    env.columns["t"] = text_column(["s", None, "n"])
    assert env.groups(env.columns["z"])[0].tolist() == [1, 0, 1]
    assert env.groups(env.columns["t"])[0].tolist() == [1, -1, 0]
    assert env.groups(env.columns["x"])[0].tolist() == [0, -1, 0]
    assert env.groups(env.columns["z"])[1] == 2


def test_a_single_value_is_the_same_in_every_region() -> None:
    env = environment({"x": [1, 2, 3]})
    assert env.full(as_column(5)).tolist() == [5, 5, 5]
    assert env.full(as_column("a")).tolist() == ["a", "a", "a"]


def test_regions_are_linked_by_their_codes() -> None:
    before = Environment(("a", "b"), {})
    now = Environment(("b", "c", "a"), {})
    link(now, before)
    assert now.order is not None
    assert now.order.tolist() == [1, -1, 0]
    link(now, None)
    assert now.order is None


def test_a_note_names_the_first_regions_and_counts_all() -> None:
    env = Environment(tuple(f"r{i}" for i in range(9)), {}, "2021")
    env.report("kind", "here", "said", "说", np.arange(9) > 1)
    env.report("kind", "here", "said", "说", np.zeros(9, dtype=bool))
    (note,) = env.notes
    assert note.en == "2021: said in 7 region(s): r2, r3, r4, r5, r6, ..."
    assert note.zh == "2021：说，涉及 7 个地区：r2, r3, r4, r5, r6, ..."
    assert (note.kind, note.count, note.place) == ("kind", 7, "here")


def test_only_elementwise_notes_are_held_back_where_a_branch_is_not_used() -> None:
    env = environment({"x": [1, 2]})
    everywhere = np.ones(2, dtype=bool)
    with env.used_only(np.array([True, False])):
        env.report("division-by-zero", "", "a", "甲", everywhere)
        env.report("left-out", "", "b", "乙", everywhere)
    env.report("division-by-zero", "", "c", "丙", everywhere)
    assert [note.count for note in env.notes] == [1, 2, 2]
