"""A text computed on an environment from outside the model, without a trace."""

from __future__ import annotations

from reliefperf.data.aside import computed_aside
from tests.building import environment, model_of, plain_list

MODEL = model_of("""\
    model: m
    variables: {n: {}, kind: {type: text}}
    tables: {rate: {lookup: {x: 2, y: 3}}}
""")


def test_names_tables_and_sums_over_regions_are_computed() -> None:
    env = environment({"n": [10.0, 30.0], "kind": ["x", "y"]})
    for text, wanted in (
        ("n", [10, 30]),
        ("n * rate(kind)", [20, 90]),
        ("share(n)", [0.25, 0.75]),
        ("kind == 'x'", [1, 0]),
    ):
        found = computed_aside(MODEL, env, text)
        assert found is not None
        assert plain_list(found) == wanted


def test_a_single_value_stands_for_every_region() -> None:
    env = environment({"n": [1.0, 2.0], "per": 5.0})
    found = computed_aside(MODEL, env, "per")
    assert found is not None
    assert plain_list(found) == [5, 5]


def test_what_means_nothing_here_is_none() -> None:
    env = environment({"n": [1.0]})
    assert computed_aside(MODEL, env, "unknown + 1") is None
    assert computed_aside(MODEL, env, "n +") is None


def test_nothing_is_noted() -> None:
    env = environment({"n": [1.0, 0.0]})
    before = list(env.notes)
    found = computed_aside(MODEL, env, "1 / n")
    assert found is not None
    assert plain_list(found) == [1, None]
    assert env.notes == before
    assert set(env.columns) == {"n"}
