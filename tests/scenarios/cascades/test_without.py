"""Who pays for a rule of a level, among the children of every parent."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from reliefperf.errors import InputError
from reliefperf.scenarios.cascades.without import without_in_cascade
from tests.cascading import TREE, amounts, cascade_in, model_text, run_tree


def test_a_rule_of_a_level_is_paid_for_by_the_siblings_alone(tmp_path: Path) -> None:
    rule = "{id: least, floor: 60, pool: base}"
    with_rule = cascade_in(tmp_path, {"province": model_text("p"), "county": model_text("c", rule)})
    (tmp_path / "plain").mkdir()
    texts = {"province": model_text("p"), "county": model_text("c")}
    plain = amounts(run_tree(cascade_in(tmp_path / "plain", texts)))
    run = run_tree(with_rule)
    found = without_in_cascade(run, "least")
    assert found.codes == ("a", "b", "c", "d")
    # of Q's 457 for base, d gets 60 in place of 30, and c pays for it
    assert dict(zip(found.codes, found.gains, strict=True)) == {"a": 0, "b": 0, "c": -30, "d": 30}
    assert [int(amount) for amount in found.without] == [plain[c, "total"] for c in "abcd"]
    assert [(one.group, one.winning, one.losing) for one in found.groups] == [("Q", 1, 1)]
    assert found.by_pool["award"] == (0, 0, 0, 0)
    assert found.net == 0


def test_a_rule_that_speaks_of_what_the_parent_received_is_left_out_as_well(tmp_path: Path) -> None:
    rule = "{id: most, cap: 0.55 * received_base, pool: base}"
    declared = {"allocation:": "parameters: {received_base: 800}\nallocation:"}
    models = {"province": model_text("p"), "county": model_text("c", rule, **declared)}
    tree = {"province": TREE["province"], "county": {**TREE["county"], "e": ("Q", 7.0)}}
    found = without_in_cascade(run_tree(cascade_in(tmp_path, models), tree), "county/most")
    gains = dict(zip(found.codes, found.gains, strict=True))
    assert gains["b"] == -Decimal(8)  # 196 of 343, with a cap of 188


def test_a_rule_of_two_levels_must_be_said_with_its_level(tmp_path: Path) -> None:
    rule = "{id: least, floor: 1, pool: base}"
    run = run_tree(cascade_in(tmp_path, {name: model_text(name, rule) for name in TREE}))
    with pytest.raises(InputError, match="province/least, county/least"):
        without_in_cascade(run, "least")
    with pytest.raises(InputError, match="county/least"):
        without_in_cascade(run, "lest")
    assert not any(without_in_cascade(run, "county/least").gains)
