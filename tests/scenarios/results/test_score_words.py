"""What points.csv says beside the rules: formulas of adjustments, limits that are computed."""

from __future__ import annotations

import pandas as pd

from reliefperf.model.building import build_model
from reliefperf.model.document import parse_document
from reliefperf.scenarios.results.points import points_table
from reliefperf.scenarios.running import score

TEXT = """
model: m
data: {region: code}
variables:
  praised: {title: {zh: 表彰, en: praises}, missing: error}
  pleased: {title: {zh: 满意度, en: pleased}, missing: error}
evaluation:
  tree:
    - {id: p, points: 10, value: pleased, unit: "%", score: {deduct: 0.5, below: mean(pleased)}}
  adjustments:
    - {id: praise, title: {zh: 表彰加分, en: praise}, bonus: 2 * praised}
    - {id: fixed, title: {zh: 固定加分, en: fixed}, bonus: 1}
  bonus_limit: 5
  decimals: 1
"""


def reasons(lang: str) -> dict[tuple[str, str], str]:
    model = build_model(parse_document(TEXT, "model.yaml"), None)
    data = {"code": ["a", "b"], "praised": [3, 0], "pleased": [90, 85.7]}
    _, rows = points_table(score(model, pd.DataFrame(data)), lang)  # type: ignore[arg-type]
    return {(str(row[0]), str(row[1])): str(row[-1]) for row in rows}


def test_a_computed_limit_says_of_what_it_is_computed() -> None:
    assert reasons("zh")["b", "p"].endswith("（其中 87.85 为 均值(满意度)）")
    assert reasons("en")["b", "p"].endswith(" (87.85 is mean(pleased))")
    assert reasons("zh")["a", "p"] == "90%，满分"


def test_a_bonus_says_its_formula_and_a_plain_number_none() -> None:
    assert reasons("zh")["a", "praise"] == "表彰加分：2 × 表彰"
    assert reasons("en")["a", "praise"] == "praise: 2 × praises"
    assert reasons("zh")["a", "fixed"] == "固定加分"


def test_bonuses_beyond_their_limit_say_both_amounts() -> None:
    assert reasons("zh")["a", "bonus_limit"] == "加分合计 7 分，超过上限 5 分的部分不计"
    assert reasons("en")["a", "bonus_limit"] == "bonuses of 7 in all, beyond their limit of 5"


def test_rounding_says_to_how_many_decimals() -> None:
    assert reasons("zh")["b", "rounding"] == "得分保留 1 位小数（四舍五入）"
