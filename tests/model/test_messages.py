"""Mistakes that people make, and the one message that says the way out."""

import pytest

from tests.building import mistakes_of

POOL = """\
    model: m
    data: {region: code, period: year, name: county}
    variables: {a: {}, b: {}, c: {column: 人口}, zone: {type: text, values: [东部, 西部]}}
    parameters: {p: 1}
    derived: {d: a + 1}
    allocation:
      unit: yuan
      budget: 100
      pools:
        g: {each: a}
        h: %s
"""


def said(pool: str) -> list[str]:
    return [mistake.en for mistake in mistakes_of(POOL % pool)]


@pytest.mark.parametrize(
    ("pool", "message"),
    [
        ('{each: "if(a > 50, 1, 2)"}', "there is no `if`; write where(condition, a, b)"),
        ("{each: if a > 1 then 2 else 1}", "there is no `if`; write where(condition, a, b)"),
        ("{each: 100万元}", "a number stands without its unit"),
        ("{each: 100 yuan}", "a number stands without its unit"),
        ("{each: 1 per 0.1}", "a key beside it: per: 0.1"),
        ("{each: a, eligible: zone == 东部}", "a text stands in quotes: zone == '东部'"),
        ("{each: a, eligible: region == x}", "a text stands in quotes: region == 'x'"),
        ("{each: a, eligible: 'yes'}", "a condition compares: x == 'yes', the text in quotes"),
        ("{share: 1, weight: a, by: code}", "column 'code' of the file is called `region`"),
        ('{each: "mean(a, by=year)"}', "column 'year' of the file is called `period`"),
        (
            "{each: a, eligible: county == 'x'}",
            "column 'county' of the file is called `region_name`",
        ),
        ("{each: 人口}", "column '人口' of the file is called `c`"),
        ('{each: "clip(a, 100, 5)"}', "the low limit of clip() is above the high one: 100 and 5"),
        (
            '{each: "clip(a, 5 * 3, -5)"}',
            "the low limit of clip() is above the high one: 15 and -5",
        ),
        # a comma between { } ends a value: the rest of it are no keys
        ("{each: max(a, b, c)}", 'put it in quotes: "max(a, b, c)"'),
        ("{each: 'a', eligible: where(a > 1, b, c) > 0}", '"where(a > 1, b, c) > 0"'),
        ("{amount: 12,458,965, weight: a}", "without thousands separators: 12458965"),
        ("{amount: 12,5, weight: a}", "decimals stand after a point: 12.5"),
    ],
)
def test_a_mistake_has_one_message_with_the_way_out(pool: str, message: str) -> None:
    (found,) = said(pool)
    assert message in found


def test_the_commas_of_derived_columns_and_parameters_make_one_mistake_each() -> None:
    text = POOL.replace("{p: 1}", "{p: 12,458,965}").replace("a + 1", "max(a, b, 1)")
    assert [(mistake.line, mistake.key) for mistake in mistakes_of(text % "{each: d}")] == [
        (4, "parameters.p"),
        (5, "derived.d"),
    ]


def test_a_comma_is_no_excuse_for_other_mistakes() -> None:
    first, second = said("{each: clip(a, 5, 9), scale: 2}")
    assert "clip(a, 5, 9)" in first
    assert second == "unknown key 'scale'; did you mean 'scale_gains'?"


def test_limits_that_cross_in_some_region_are_noted() -> None:
    from tests.building import environment, values_of

    env = environment({"a": [1.0, 9.0], "low": [0.0, 8.0], "high": [5.0, 5.0]})
    assert values_of("clip(a, low, high)", env) == [1, 5]
    (note,) = env.notes
    assert note.kind == "limits-crossed"
    assert note.en.endswith("is above the high one, which counts in 1 region(s): r2")


@pytest.mark.parametrize("name", ["score", "last-year", "last year", "2nd"])
def test_a_name_that_cannot_be_used_gives_one_mistake_however_often_it_is_used(name: str) -> None:
    text = f"""\
        model: m
        variables: {{"{name}": {{}}}}
        derived: {{x: "{name} * 2", y: "max({name}, 1)"}}
        allocation: {{unit: y, pools: {{g: {{each: "{name}"}}}}}}
    """
    found = mistakes_of(text)
    assert found[0].line == 2
    spoken = [mistake.en for mistake in found if "unknown name" in mistake.en]
    assert spoken == []


def test_pools_as_a_list_are_told_their_form() -> None:
    text = """\
        model: m
        variables: {people: {}}
        allocation:
          unit: yuan
          pools:
            - {id: base, each: people}
    """
    (mistake,) = mistakes_of(text)
    assert "below it, indented, `base: {each: people}`" in mistake.en


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("minmax", "`minmax` needs to be told more: write {minmax: higher} or {minmax: lower}"),
        ("goalposts", "`goalposts` needs to be told more: write {goalposts: ...}"),
        ("ratio", "`ratio` needs to be told more: write {ratio: ...}"),
        ("min_max", "'min_max' is not a scoring rule; did you mean 'minmax'?"),
    ],
)
def test_a_scoring_rule_by_its_name_alone_is_told_what_is_lacking(rule: str, message: str) -> None:
    text = f"""\
        model: m
        variables: {{n: {{}}}}
        evaluation: {{tree: [{{id: x, points: 5, value: n, score: {rule}}}]}}
    """
    (mistake,) = mistakes_of(text)
    assert mistake.en.startswith(message)


def test_a_way_of_combining_that_is_not_known_is_said_once_with_the_word_for_it() -> None:
    text = """\
    model: m
    variables: {x: {}}
    evaluation:
      combine: mean
      tree: [{id: a, value: x, score: as_is}]
    """
    (mistake,) = mistakes_of(text)
    assert mistake.en == "'mean' is not a way of combining; did you mean 'arithmetic'?"


def test_a_rule_written_into_a_pool_is_told_where_rules_stand() -> None:
    for key in ("floor: 3", "hold_harmless: 1", "rules: []"):
        text = f"model: m\nvariables: {{x: {{}}}}\nallocation: {{unit: yuan, pools: {{p: {{amount: 1, weight: x, {key}}}}}}}\n"
        (mistake,) = mistakes_of(text)
        assert "rules stand in `allocation.rules`: {id: ..., " in mistake.en
        assert mistake.en.endswith("pool: p}")


def test_the_period_as_a_number_is_told_how() -> None:
    text = "model: m\ndata: {period: t}\nvariables: {x: {}}\nderived: {y: 2034 - period}\n"
    (mistake,) = mistakes_of(text)
    assert mistake.en.endswith("its year is year(period)")


def test_a_rule_on_a_pool_that_is_itself_wrong_is_not_blamed_for_its_place() -> None:
    text = """\
    model: m
    variables: {x: {}}
    allocation:
      unit: yuan
      budget: 10
      pools:
        base: {share: 0.5, weight: x}
        award: {share: 0.5, weight: x +}
      rules: [{id: least, floor: 0.8 * base, pool: award}]
    """
    (mistake,) = mistakes_of(text)
    assert mistake.en.startswith("not an expression")
