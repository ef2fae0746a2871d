"""Indices and rule books written in the model language from their published descriptions."""

import csv
from pathlib import Path

import pytest

from reliefperf.scenarios.running import read_data, run_model
from tests.building import evaluated, model_of

DATA = Path(__file__).parent / "data"
QUESTIONS = ("safe", "effective", "caring", "responsive", "led")
LEVELS = ("outstanding", "good", "requires improvement", "inadequate")


def test_the_benefit_of_the_doubt_gives_the_handbooks_ranks_of_the_technology_index() -> None:
    """OECD/JRC Handbook (2008), comparison of weightings, column BOD.

    The bounds are inferred: of five normalisations and 35 pairs of bounds on the weights' own
    shares, only min-max with 0.1 and 0.15 gives all 23 ranks.
    """
    with (DATA / "tai_bod_ranks.csv").open(encoding="utf-8", newline="") as file:
        published = {row["country"]: int(row["rank"]) for row in csv.DictReader(file)}
    with (DATA / "tai_raw_23.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    names = [name for name in rows[0] if name != "country"]
    tree = "\n".join(
        f"    - {{id: n_{name}, value: {name}, score: {{minmax: higher}}}}" for name in names
    )
    model = model_of(
        "model: doubt\n"
        f"variables: {{{', '.join(f'{name}: {{}}' for name in names)}}}\n"
        "evaluation:\n  scale: 1\n  decimals: 9\n  combine: arithmetic\n"
        "  weights: {benefit_of_doubt: true, least: 0.1, most: 0.15, shares_of: weights}\n"
        f"  tree:\n{tree}"
    )
    evaluation, _ = evaluated(model, {n: [float(row[n]) for row in rows] for n in names})
    found = dict(zip((row["country"] for row in rows), evaluation.rank.tolist(), strict=True))
    assert found == published


def test_the_global_hunger_index_of_india_in_2022() -> None:
    """Concern Worldwide and Welthungerhilfe: 16.3 % undernourished, 19.3 % wasted, 35.5 % stunted,
    3.3 % died before the age of five; 29.1, serious."""
    model = model_of("""
        model: hunger
        variables: {undernourished: {}, wasted: {}, stunted: {}, died: {}}
        evaluation:
          combine: arithmetic
          decimals: 1
          tree:
            - {id: supply, weight: 1/3, value: undernourished, score: {goalposts: [0, 80]}}
            - {id: wasting, weight: 1/6, value: wasted, score: {goalposts: [0, 30]}}
            - {id: stunting, weight: 1/6, value: stunted, score: {goalposts: [0, 70]}}
            - {id: mortality, weight: 1/3, value: died, score: {goalposts: [0, 35]}}
          rank: {order: ascending}
          grades:
            bands:
              - {grade: extremely alarming, at_least: 50}
              - {grade: alarming, at_least: 35}
              - {grade: serious, at_least: 20}
              - {grade: moderate, at_least: 10}
              - {grade: low}
    """)
    columns = {"undernourished": [16.3], "wasted": [19.3], "stunted": [35.5], "died": [3.3]}
    evaluation, _ = evaluated(model, columns)
    assert evaluation.score.tolist() == [29.1]
    assert evaluation.grade is not None
    assert evaluation.grade.tolist() == ["serious"]


def counted(level: str) -> str:
    return " + ".join(f"({question} == '{level}')" for question in QUESTIONS)


@pytest.mark.parametrize(
    ("levels", "breach", "overall"),
    [
        ("good good good good good", "no", "good"),
        ("outstanding outstanding good good good", "no", "outstanding"),
        ("outstanding good good good good", "no", "good"),
        ("outstanding outstanding good good good", "yes", "requires improvement"),
        ("good good requires_improvement good good", "no", "good"),
        ("good requires_improvement requires_improvement good good", "no", "requires improvement"),
        ("inadequate good good good good", "no", "requires improvement"),
        ("inadequate inadequate good good good", "yes", "inadequate"),
    ],
)
def test_ratings_of_adult_social_care_in_england_with_their_limiter(
    tmp_path: Path, levels: str, breach: str, overall: str
) -> None:
    """Care Quality Commission, how ratings are aggregated (adult social care, page of 12 May 2022):
    two outstanding and three good; at most one in need of improvement; two inadequate; and no
    better than `requires improvement` where a regulation is breached."""
    listed = f"[{', '.join(LEVELS)}]"
    values = "\n".join(f"          {name}: {{type: text, values: {listed}}}" for name in QUESTIONS)
    tree = "\n".join(
        f"            - {{id: about_{name}, value: {name}, score: {{states: {{outstanding: 4, "
        "good: 3, requires improvement: 2, inadequate: 1}}}"
        for name in QUESTIONS
    )
    text = f"""\
        model: ratings
        data: {{file: data.csv, region: location}}
        variables:
{values}
          breach: {{type: boolean}}
        derived:
          excellent: {counted("outstanding")}
          weak: {counted("requires improvement")}
          failed: {counted("inadequate")}
        evaluation:
          scale: 4
          combine: arithmetic
          tree:
{tree}
          adjustments: [{{id: limiter, when: breach, cap_grade: requires improvement}}]
          grades:
            bands:
              - {{grade: outstanding, when: excellent >= 2 and weak + failed == 0}}
              - {{grade: good, when: weak <= 1 and failed == 0}}
              - {{grade: requires improvement, when: failed <= 1}}
              - {{grade: inadequate}}
    """
    row = ",".join(levels.split()).replace("_", " ")
    head = f"location,{','.join(QUESTIONS)},breach\n"
    data = head + f"L1,{row},{breach}\n"
    (tmp_path / "data.csv").write_text(data, encoding="utf-8")
    model = model_of(text, tmp_path)
    evaluation = run_model(model, read_data(model)).periods[""].evaluation
    assert evaluation is not None
    assert evaluation.grade is not None
    assert evaluation.grade.tolist() == [overall]
