"""A number that is too large says so in both languages, whether it stands alone or in a formula."""

import pytest

from tests.building import mistakes_of


@pytest.mark.parametrize("score", ["{ratio: 1e308}", "{formula: 1e308 * 2}", "{deduct: 1e301}"])
def test_a_number_that_is_too_large_is_refused_in_both_languages(score: str) -> None:
    (mistake, *_) = mistakes_of(f"""\
        model: m
        variables: {{x: {{}}}}
        evaluation:
          combine: arithmetic
          tree: [{{id: a, value: x, score: {score}}}]
    """)
    assert (mistake.en, mistake.zh, mistake.line) == ("the number is too large", "数字过大", 5)
