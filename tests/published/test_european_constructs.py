"""Constructs of European and United Nations systems, against plain arithmetic in fractions.

The forms are those of the systems named, as they are commonly described; all figures are made up.
No figure here is a published one.
"""

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction

import pytest

from tests.building import model_of, run_on

Column = Sequence[object]


def hamilton(
    total: Fraction, shares: Mapping[str, Fraction], unit: Fraction = Fraction(1)
) -> dict[str, Fraction]:
    """The largest remainder, of equal ones the first by code."""
    whole = {code: math.floor(share / unit) for code, share in shares.items()}
    left = int(total / unit) - sum(whole.values())
    order = sorted(shares, key=lambda code: (whole[code] - shares[code] / unit, code))
    for code in order[:left]:
        whole[code] += 1
    return {code: units * unit for code, units in whole.items()}


def paid(text: str, rows: Mapping[str, Column], pool: str) -> dict[str, Fraction]:
    (period,) = run_on(model_of(text), rows).periods.values()
    assert period.allocation is not None
    amounts = period.allocation.amounts(pool)
    return dict(zip(period.allocation.codes, (Fraction(one) for one in amounts), strict=True))


def test_a_zero_sum_settlement_with_an_extra_for_the_poorest_paid_per_head() -> None:
    # Norway: 60 % of the gap both ways, 35 % more below nine tenths of the mean, all pay per head
    text = """\
    model: norway
    variables: {people: {missing: error}, tax: {missing: error}}
    derived:
      mean_tax: total(tax) / total(people)
      gap: mean_tax - tax / people
      extra: max(0, 0.9 * mean_tax - tax / people)
    allocation:
      unit: kroner
      smallest: 1000
      pools:
        settled: {amount: 0, each: (0.6 * gap + 0.35 * extra) * people, bear: people, negative: allow}
    """
    people = {"A": 697000, "B": 950, "C": 1900, "D": 95000, "E": 32000}
    tax = {"A": 27_500_000, "B": 75_000, "C": 55_000, "D": 3_600_000, "E": 930_000}
    rows = {
        "region": list(people),
        "people": list(people.values()),
        "tax": [1000 * one for one in tax.values()],
    }
    mean = Fraction(1000 * sum(tax.values()), sum(people.values()))
    own = {}
    for code, heads in people.items():
        per_head = Fraction(1000 * tax[code], heads)
        extra = max(Fraction(0), Fraction(9, 10) * mean - per_head)
        own[code] = (Fraction(6, 10) * (mean - per_head) + Fraction(35, 100) * extra) * heads
    cut = sum(own.values()) / sum(people.values())
    expected = {code: own[code] - cut * heads for code, heads in people.items()}
    assert paid(text, rows, "settled") == hamilton(Fraction(0), expected, Fraction(1000))


def test_a_kinked_tariff_whose_grants_are_paid_by_contributions() -> None:
    # Germany 2005-2019: marginal rates 44 to 70 % up to 7 %, 70 to 75 % up to 20 %, then 75 %
    text = """\
    model: germany
    variables: {people: {missing: error}, city: {missing: error}, capacity: {missing: error}}
    derived:
      heads: people * where(city == 1, 1.35, 1)
      need: heads * total(capacity) / total(heads)
      d: abs(1 - capacity / need)
      low: min(d, 0.07)
      middle: clip(d - 0.07, 0, 0.13)
      tariff: >-
        0.44 * low + 0.26 / 0.14 * low ** 2 + 0.7 * middle + 0.05 / 0.26 * middle ** 2
        + 0.75 * max(d - 0.2, 0)
      claim: where(capacity < need, tariff * need, 0)
      duty: where(capacity > need, tariff * need, 0)
    allocation:
      unit: euro
      pools:
        grants: {amount: round(total(claim)), weight: claim}
        duties: {amount: -total(grants), weight: duty, negative: allow}
    """
    people = {"BE": 3600, "BY": 13000, "HE": 6200, "HH": 1800, "MV": 1600, "NW": 17900, "SN": 4000}
    capacity = {
        "BE": 13300,
        "BY": 56000,
        "HE": 27500,
        "HH": 10100,
        "MV": 4400,
        "NW": 64000,
        "SN": 11500,
    }
    rows = {
        "region": list(people),
        "people": [1000 * one for one in people.values()],
        "city": [int(code in ("BE", "HH")) for code in people],
        "capacity": [10**6 * one for one in capacity.values()],
    }
    heads = {
        c: 1000 * n * (Fraction(135, 100) if c in ("BE", "HH") else 1) for c, n in people.items()
    }
    everything = Fraction(10**6 * sum(capacity.values()))
    need = {c: n * everything / sum(heads.values()) for c, n in heads.items()}

    def integral(
        x: Fraction, start: Fraction, end: Fraction, first: Fraction, last: Fraction
    ) -> Fraction:
        inside = min(max(x, start), end) - start
        return first * inside + (last - first) * inside**2 / (2 * (end - start))

    def tariff(code: str) -> Fraction:
        x = abs(1 - 10**6 * capacity[code] / need[code])
        steep = integral(x, Fraction(0), Fraction(7, 100), Fraction(44, 100), Fraction(70, 100))
        flat = integral(
            x, Fraction(7, 100), Fraction(20, 100), Fraction(70, 100), Fraction(75, 100)
        )
        return (steep + flat + Fraction(3, 4) * max(Fraction(0), x - Fraction(1, 5))) * need[code]

    poor = {c for c in people if 10**6 * capacity[c] < need[c]}
    claim = {c: tariff(c) if c in poor else Fraction(0) for c in people}
    duty = {c: Fraction(0) if c in poor else tariff(c) for c in people}
    total = Fraction(math.floor(sum(claim.values()) + Fraction(1, 2)))
    parts = {c: total * one / sum(claim.values()) for c, one in claim.items()}
    assert paid(text, rows, "grants") == hamilton(total, parts)
    parts = {c: -total * one / sum(duty.values()) for c, one in duty.items()}
    assert paid(text, rows, "duties") == hamilton(-total, parts)


def test_shares_by_population_weighted_in_brackets() -> None:
    # Czech Republic: each further inhabitant counts more, as the marginal rates of a tax
    text = """\
    model: czechia
    variables: {people: {missing: error}}
    tables:
      counted:
        piecewise: [[0, 0], [50, 50], [2000, 2136.5], [30000, 34400.9]]
        outside: extend
    allocation:
      unit: CZK
      smallest: '0.01'
      pools: {share: {amount: 800000, weight: counted(people)}}
    """
    people = {"A": 40, "B": 51, "C": 2001, "D": 30000, "E": 96000}

    def counted(heads: int) -> Fraction:
        second, third = (
            Fraction("2086.5") / 1950,
            (Fraction("34400.9") - Fraction("2136.5")) / 28000,
        )
        if heads <= 50:
            return Fraction(heads)
        if heads <= 2000:
            return 50 + second * (heads - 50)
        return Fraction("2136.5") + third * (heads - 2000)

    counts = {code: counted(heads) for code, heads in people.items()}
    parts = {code: 800000 * one / sum(counts.values()) for code, one in counts.items()}
    rows = {"region": list(people), "people": list(people.values())}
    assert paid(text, rows, "share") == hamilton(Fraction(800000), parts, Fraction(1, 100))


def test_a_capped_key_goes_unrounded_into_a_second_formula_with_a_floor() -> None:
    # Just Transition Fund: cap on the first key, then a factor of income, then a least intensity
    text = """\
    model: transition
    variables: {key: {missing: error}, people: {missing: error}, income: {missing: error}}
    allocation:
      unit: euro
      pools:
        first: {amount: 7500, weight: key, paid: false, rounding: none}
        fund: {amount: 7500, weight: first * (1.4 - 0.4 * income)}
      rules:
        - {id: most, cap: 2000, pool: first}
        - {id: least, floor: 10 * people, pool: fund}
    """
    rows = {
        "region": ["CZ", "DE", "LU", "PL", "RO"],
        "key": [9, 25, 0.1, 40, 11],
        "people": [11, 83, 5, 38, 19],
        "income": [0.8, 1.5, 3, 0.5, 0.5],
    }
    # PL and DE stand at 2000; the other 3500 are shared 9 : 0.1 : 11
    first = {
        code: Fraction(3500 * part, 201) for code, part in {"CZ": 90, "LU": 1, "RO": 110}.items()
    }
    first |= {"DE": Fraction(2000), "PL": Fraction(2000)}
    factor = {
        "CZ": Fraction(108, 100),
        "DE": Fraction(8, 10),
        "LU": Fraction(2, 10),
        "PL": Fraction(12, 10),
        "RO": Fraction(12, 10),
    }
    weight = {code: first[code] * factor[code] for code in first}
    del weight["LU"]  # held at 50
    parts = {code: 7450 * one / sum(weight.values()) for code, one in weight.items()}
    expected = hamilton(Fraction(7500), {**parts, "LU": Fraction(50)})
    assert paid(text, rows, "fund") == expected


@pytest.mark.parametrize(("decimals", "expected"), [("", 1.017), ("decimals: 3", 1.018)])
def test_a_ratio_of_two_indices_that_are_rounded_first(decimals: str, expected: float) -> None:
    # Gender Development Index: women's index over men's, each given to three decimals
    def side(name: str, low: float) -> str:
        return f"""
        - id: {name}
          weight: 0.5
          combine: geometric
          children:
            - {{id: {name}_life, value: life_{name}, score: {{goalposts: [{low}, {low + 65}]}}}}
            - {{id: {name}_school, value: school_{name}, score: {{goalposts: [0, 15]}}}}
            - {{id: {name}_income, value: log(income_{name}), score: {{goalposts: [log(100), log(75000)]}}}}
          {decimals}"""

    names = [f"{what}_{who}: {{}}" for what in ("life", "school", "income") for who in "fm"]
    text = f"""model: gender
variables: {{{", ".join(names)}}}
evaluation:
      scale: 1
      combine: arithmetic
      decimals: 3
      tree: {side("f", 22.5)}{side("m", 17.5)}
      adjustments: [{{id: ratio, set_score: f / m}}]
"""
    columns = {
        "life_f": 80,
        "life_m": 76,
        "school_f": 13,
        "school_m": 12,
        "income_f": 30000,
        "income_m": 32000,
    }
    rows: dict[str, Column] = {
        "region": ["C"],
        **{name: [value] for name, value in columns.items()},
    }
    (period,) = run_on(model_of(text), rows).periods.values()
    assert period.evaluation is not None
    assert period.evaluation.score.tolist() == [expected]
