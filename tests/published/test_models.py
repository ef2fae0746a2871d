"""The real systems under models/: what was published comes out of the rule book."""

from __future__ import annotations

import csv
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path

import pytest

from reliefperf.scenarios.published import Checked, check_published
from reliefperf.scenarios.running import Run, run

MODELS = Path(__file__).resolve().parents[2] / "models"

TARGETS = [
    "asem",
    "brazil-igd-m",
    "brazil-igd-m/what-if-payments.yaml",
    "county-rulebook-example",
    "england-floor-damping",
    "england-floor-damping/need-part.yaml",
    "france-dsu",
    "france-dsu/pool-450.yaml",
    "france-dsu/ranked.yaml",
    "guangdong-2022",
    "hdi-2021",
    "india-fc15-rural",
    "jiangsu-2018",
    "philippines-sglg",
    "philippines-sglg/all-ten.yaml",
    "suixi-2019",
    "suixi-2019/rows.yaml",
    "tai",
    "tai/ahp.yaml",
    "tai/budget.yaml",
    "tai/factor-analysis.yaml",
    "tai/normalisations.yaml",
    "us-child-support",
    "us-child-support/steps-check.yaml",
    "wales-2024-25",
]

MADE_UP = {
    "brazil-igd-m/what-if-payments.yaml",
    "county-rulebook-example",
    "england-floor-damping",
    "france-dsu/ranked.yaml",
    "philippines-sglg/all-ten.yaml",
    "us-child-support",
}


@cache
def ran(target: str) -> Run:
    return run(MODELS / target)


@cache
def checks(target: str) -> dict[str, Checked]:
    return {check.id: check for check in check_published(ran(target))}


def amounts(target: str, pool: str = "total", period: str | None = None) -> dict[str, Decimal]:
    """Amounts by region."""
    table = ran(target).allocation
    table = table[table["pool"] == pool]
    if period is not None:
        table = table[table["period"] == period]
    return dict(zip(table["region"], table["amount"], strict=True))


@pytest.mark.parametrize("target", TARGETS)
def test_every_published_comparison_holds(target: str) -> None:
    found = checks(target)
    assert found, "a model without a comparison proves nothing"
    assert [check for check in found.values() if not check.ok] == []


def test_every_model_file_of_these_folders_is_compared() -> None:
    files = set()
    for path in MODELS.glob("*/*.yaml"):
        name = path.parent.name
        files.add(name if path.name == "model.yaml" else f"{name}/{path.name}")
    assert {file for file in files if not file.startswith("relief-2013")} == set(TARGETS)


@pytest.mark.parametrize("target", TARGETS)
def test_made_up_data_are_labelled(target: str) -> None:
    assert ran(target).is_synthetic == (target in MADE_UP)


@pytest.mark.parametrize("folder", sorted({target.partition("/")[0] for target in TARGETS}))
def test_each_folder_says_what_is_exact_chosen_and_missing(folder: str) -> None:
    text = (MODELS / folder / "README.md").read_text(encoding="utf-8")
    for word in ("## Data", "exact", "modeller's choice", "## Gap", "## 中文摘要"):
        assert word in text


def test_india_28_of_28_amounts_are_exact() -> None:
    assert checks("india-fc15-rural")["amounts"].match == 28
    paid = amounts("india-fc15-rural")
    assert paid["UP"] == 9752
    assert paid["AP"] == 2625
    assert sum(paid.values()) == 60750


def test_india_names_the_nine_amounts_that_want_a_second_source() -> None:
    with (MODELS / "india-fc15-rural/data.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["alloc_2020_21_origin"] == "memory"]
    text = (MODELS / "india-fc15-rural/README.md").read_text(encoding="utf-8")
    assert len(rows) == 9
    for row in rows:
        assert f"{row['state']} | {int(row['alloc_2020_21']):,}" in text


def test_hdi_191_of_191_indices_ranks_and_groups() -> None:
    found = checks("hdi-2021")
    assert [found[name].match for name in ("scores", "ranks", "groups")] == [191, 191, 191]


def test_igd_m_5543_indices_agree_and_27_stay_missing() -> None:
    found = checks("brazil-igd-m")["factor1"]
    assert (found.match, found.differ, found.missing) == (5543, 0, 27)
    assert found.largest == pytest.approx(0.0075)
    scores = ran("brazil-igd-m").scores
    assert int(scores["score"].isna().sum()) == 27


def test_igd_m_what_if_pays_index_times_value_times_families() -> None:
    paid = amounts("brazil-igd-m/what-if-payments.yaml")
    with (MODELS / "brazil-igd-m/what-if.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        expected = Decimal(0)
        rates = [row["tac_pct"], row["tafe_pct"], row["taas_pct"]]
        gates = [row["adhered"], row["submitted"], row["approved"]]
        if all(rates) and gates == ["1", "1", "1"]:
            tac, tafe, taas = (Decimal(rate) for rate in rates)
            index = tac / 2 + tafe / 4 + taas / 4
            if index >= 60 and tac >= 70 and tafe >= 40 and taas >= 40:
                families = min(int(row["updated_families"]), int(row["poor_families"]))
                expected = index / 100 * Decimal("3.50") * families
        assert paid[row["ibge6"]] == expected.quantize(Decimal("0.01"), ROUND_HALF_UP), row
    assert sum(amount == 0 for amount in paid.values()) == 14


def test_suixi_keeps_75_of_the_90_points_claimed() -> None:
    found = checks("suixi-2019")
    assert ran("suixi-2019").scores["score"].tolist() == [75]
    assert found["claimed"].ok
    rows = [
        check for name, check in found.items() if name not in ("recomputed", "claimed", "flagged")
    ]
    assert (len(rows), sum(check.match for check in rows)) == (10, 8)


def test_suixi_flags_exactly_the_two_rows_that_miss_their_target() -> None:
    rows = checks("suixi-2019/rows.yaml")["rows"]
    assert {one.region: (one.computed, one.published) for one in rows.differences} == {
        "特困人员救助供养人数(月均)": (0, 5),
        "扶贫临时救助标准 元/户·年": (0, 10),
    }
    points = ran("suixi-2019").points
    lost = points[points["points"] == 0]
    assert set(lost["indicator"]) == {"p_hardship", "p_temporary_standard"}
    assert all("扣" in reason for reason in lost["reason"])


def test_suixi_satisfaction_stays_a_gap() -> None:
    assert checks("suixi-2019/rows.yaml")["rows"].missing == 1
    scores = ran("suixi-2019/rows.yaml").scores.set_index("region")["score"]
    assert scores.isna().sum() == 1
    assert scores.isna()["受助对象满意度"]


def test_jiangsu_12_awards_add_up_to_9200() -> None:
    paid = amounts("jiangsu-2018")
    assert sorted(paid.values()) == [600] * 7 + [1000] * 5
    assert sum(paid.values()) == 9200


def test_guangdong_awards_add_up_to_21200() -> None:
    assert amounts("guangdong-2022") == {"province": 5000, "counties": 16200}


def test_philippines_awards_add_up_to_981_million_pesos() -> None:
    paid = amounts("philippines-sglg")
    assert {tier: str(amount) for tier, amount in paid.items()} == {
        "province": "112.0",
        "city": "147.2",
        "municipality": "721.8",
    }
    assert sum(paid.values()) == 981


def test_philippines_nine_of_ten_criteria_earn_nothing() -> None:
    paid = amounts("philippines-sglg/all-ten.yaml")
    assert {code for code, amount in paid.items() if amount == 0} == {"P2", "C2", "M3"}


def test_us_156_steps_hold_at_both_ends() -> None:
    found = checks("us-child-support/steps-check.yaml")
    assert (found["lower-ends"].match, found["upper-ends"].match) == (156, 156)


def test_us_cliff_improvement_and_audit() -> None:
    scores = ran("us-child-support").scores
    last = scores[scores["period"] == "2024"].set_index("region")
    assert last["ap_paternity"].to_dict() == {"A": 100, "B": 0, "C": 60, "D": 50, "E": 0}
    assert last.loc["D", ["ap_orders", "ap_current"]].tolist() == [0, 50]
    assert last.loc["E", "ap_arrears"] == 0
    first = scores[scores["period"] == "2023"].set_index("region")
    assert first.loc["D", "ap_paternity"] == 0


def test_us_payments_follow_the_incentive_bases() -> None:
    percent = {
        "A": (100, 100, 73, 72, 90),
        "B": (0, 76, 65, 63, 60),
        "C": (60, 0, 0, 56, 50),
        "D": (50, 0, 50, 0, 0),
        "E": (0, 100, 77, 0, 100),
    }
    base = {
        "A": 2 * (1300000 + 800000) + 6200000,
        "B": 2 * (900000 + 750000) + 3600000,
        "C": 2 * (650000 + 500000) + 1900000,
        "D": 2 * (420000 + 310000) + 1550000,
        "E": 2 * (1000000 + 950000) + 5200000,
    }
    claims = {
        state: base[state] * (sum(found[:3]) + Decimal("0.75") * sum(found[3:]))
        for state, found in percent.items()
    }
    paid = amounts("us-child-support", period="2024")
    for state, claim in claims.items():
        assert abs(paid[state] - 1_000_000 * claim / sum(claims.values())) < 1
    assert sum(paid.values()) == 1_000_000


def test_england_need_part_is_27811992_pounds() -> None:
    assert amounts("england-floor-damping/need-part.yaml") == {"X": 27811992}


def test_england_gains_are_scaled_by_one_factor_in_each_class() -> None:
    paid = amounts("england-floor-damping")
    assert [paid[code] for code in ("A2", "A4", "B2")] == [202000, 80800, 29400]
    upper = Decimal(14300) / 41100
    for code, floor, formula in (("A1", 101000, 110000), ("A3", 151500, 180000)):
        assert abs(paid[code] - floor - upper * (formula - floor)) < 1
    assert sum(paid.values()) == 670800 + 95300


def test_france_guarantees_come_first() -> None:
    assert amounts("france-dsu") == {"A": 900, "B": 550}
    assert amounts("france-dsu/pool-450.yaml") == {"A": 400, "B": 50}


def test_france_increase_is_capped_and_its_rest_shared() -> None:
    rest = amounts("france-dsu/ranked.yaml", "rest")
    assert rest["C04"] == 4_000_000
    assert sum(rest.values()) == 25_000_000 - 300_000 - 12_500_000


def test_wales_gwynedd_and_conwy_are_on_the_floor() -> None:
    paid = amounts("wales-2024-25")
    assert [paid[name] for name in ("Gwynedd", "Conwy")] == [232092, 202711]
