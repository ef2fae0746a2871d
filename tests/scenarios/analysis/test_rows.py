"""Limits of flags: what cannot be one is refused."""

from __future__ import annotations

import pytest

from reliefperf.errors import InputError
from reliefperf.scenarios.analysis.rows import Limits


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        ({"collinear": 1.2}, "`collinear` is a correlation from 0 to 1, not 1.2"),
        ({"negative": 0.4}, "`negative` is a correlation from -1 to 0, not 0.4"),
        ({"weak": float("nan")}, "`weak` is a correlation from 0 to 1, not nan"),
    ],
)
def test_a_limit_that_is_no_correlation_is_refused(limits, said) -> None:
    with pytest.raises(InputError) as error:
        Limits(**limits)
    assert said in error.value.text("en")
    assert "相关系数" in error.value.text("zh")


def test_the_widest_limits_are_allowed() -> None:
    assert Limits(1.0, -1.0, 0.0).weak == 0
