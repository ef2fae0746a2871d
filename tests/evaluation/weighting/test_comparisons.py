"""Ratios are shown as people write them."""

import pytest

from reliefperf.evaluation.weighting.comparisons import ratio_text


@pytest.mark.parametrize(
    ("ratio", "text"), [(3, "3"), (1 / 3, "1/3"), (1, "1"), (2.5, "2.5"), (0.4, "0.4"), (0, "0")]
)
def test_ratios_are_shown_as_people_write_them(ratio: float, text: str) -> None:
    assert ratio_text(ratio) == text
