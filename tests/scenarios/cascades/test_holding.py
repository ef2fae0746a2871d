"""Who stands below whom: what does not hang together is named, region by region."""

from __future__ import annotations

from pathlib import Path

from tests.cascading import TREE, cascade_in, mistakes_of_cascade, model_text, run_tree

REGIONS = "regions: {table: regions.csv}\nvariables:"
TABLE = """\
code,name,parent,level
P,Pe,,province
Q,Qu,,province
p1,Pe One,P,city
a,A,p1,county
b,B,P,county
c,C,Q,county
d,D,Q,county
"""


def test_children_without_parents_and_parents_without_children_are_all_named(
    tmp_path: Path,
) -> None:
    cascade = cascade_in(tmp_path, {"province": model_text("p"), "county": model_text("c")})
    tree = {
        "province": {**TREE["province"], "R": ("", 1.0)},
        "county": {**TREE["county"], "e": ("X", 1.0), "f": ("", 1.0)},
    }
    found = [m.en for m in mistakes_of_cascade(lambda: run_tree(cascade, tree))]
    assert len(found) == 3
    assert "region e of level 'county' has no parent: none of X is among the regions" in found[0]
    assert "region f of level 'county' has no parent: 'up' is empty" in found[1]
    assert "1 region(s) of level 'province' have nobody below them at level 'county': R" in found[2]


def test_the_table_of_regions_says_the_parent_over_levels_left_out(tmp_path: Path) -> None:
    (tmp_path / "regions.csv").write_text(TABLE)
    models = {
        "province": model_text("p"),
        "county": model_text("c", **{"variables:": REGIONS}),
    }
    cascade = cascade_in(tmp_path, models, {"county": ""})
    run = run_tree(cascade)
    frame = run.allocation.drop_duplicates("region").set_index("region")
    assert dict(frame["parent"])["a"] == "P"  # by way of the city p1, which is no level here


def test_a_level_that_is_missing_is_told_by_the_regions_above(tmp_path: Path) -> None:
    (tmp_path / "regions.csv").write_text(TABLE)
    models = {
        "province": model_text("p"),
        "county": model_text("c", **{"variables:": REGIONS}),
    }
    cascade = cascade_in(tmp_path, models, {"county": ""})
    tree = {"province": {"Q": ("", 1.0)}, "county": TREE["county"]}
    found = [m.en for m in mistakes_of_cascade(lambda: run_tree(cascade, tree))]
    assert len(found) == 2
    assert "none of p1, P is among the regions of level 'province'; is a level missing" in found[0]
