"""Treatment that disagrees with the tree or with itself is refused when the model is loaded."""

import pytest

from tests.building import mistakes_of

MODEL = """
model: t
variables: {{x: {{}}, s: {{type: text}}}}
evaluation:
  combine: arithmetic
  treatment: {steps}
  tree:
    - {{id: i, value: x, score: as_is{own}}}
    - {{id: j, value: s, score: {{states: {{good: 10}}}}{text}}}
"""


@pytest.mark.parametrize(
    ("steps", "own", "text", "words"),
    [
        ("[{id: a, impute: mean}, {id: a, impute: mean}]", "", "", "stands twice"),
        ("[{id: missing, impute: mean}]", "", "", "already names rows"),
        ("[{impute: mean, indicators: [ii]}]", "", "", "did you mean"),
        ("[]", ", treat: [{screen: indicators, at_least: 1}]", "", "write it in"),
        ("[]", ", treat: [{cap: [1, 2], besides: [i]}]", "", "names no other"),
        ("[]", ", treat: [{denominate: {i: 2}}]", "", "names no other"),
        ("[]", ", treat: [{impute: regression}]", "", "needs `on`"),
        ("[]", ", treat: [{winsorize: 1}]", "", "did you mean 'winsorise'"),
        ("[]", "", ", treat: [{impute: mean}]", "only numbers can be treated"),
        ("[{impute: mean, by: t}]", "", "", "'t'"),
        ("[{impute: mean, by: score}]", "", "", "score"),
    ],
)
def test_each_mistake_is_found_once_with_its_place(
    steps: str, own: str, text: str, words: str
) -> None:
    (mistake,) = mistakes_of(MODEL.format(steps=steps, own=own, text=text))
    assert words in mistake.en
    assert mistake.line in (6, 8, 9)


def test_sound_steps_beside_a_broken_one_are_judged_too() -> None:
    steps = "[{screen: regions, atleast: 1}, {cap: [2, 1]}, {impute: mean, indicators: [ii]}]"
    found = [mistake.en for mistake in mistakes_of(MODEL.format(steps=steps, own="", text=""))]
    assert [words.split(";")[0] for words in found] == [
        "unknown key 'atleast'",
        "the low limit (2) must lie below the high one (1)",
        "'ii' is not an indicator or node of the tree",
    ]


def test_a_broken_tree_gives_no_mistakes_about_ids() -> None:
    found = mistakes_of(
        """
        model: t
        variables: {x: {}}
        evaluation:
          treatment: [{impute: mean, indicators: [i]}]
          tree: [{id: i, value: x, scor: as_is}]
        """
    )
    assert len(found) == 1
