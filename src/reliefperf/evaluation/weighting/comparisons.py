"""Numbers of pairwise comparisons: ratios such as 3 or 1/3, read exactly."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema

from reliefperf.model.refusing import refusal


def read_ratio(value: Any) -> Any:
    """A number, or a text such as 1/3, as a number; other things are left to the schema."""
    if not isinstance(value, str):
        return value
    text = value.replace("／", "/").replace(" ", "")
    try:
        return float(Fraction(text))
    except (ValueError, ZeroDivisionError, OverflowError):
        raise refusal(
            f"expected a number or a fraction such as 1/3, found '{value}'",
            f"此处应为数或分数（如 1/3），而写的是“{value}”",
        ) from None


Ratio = Annotated[
    float,
    BeforeValidator(read_ratio),
    WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string"}]}),
]
"""How many times as important one thing is as another."""


def ratio_text(ratio: float) -> str:
    """A ratio as people write it: 3, 1/3, or four digits."""
    for part, form in ((ratio, "{}"), (1 / ratio if ratio else 0.0, "1/{}")):
        if 0.5 < part < 1e6 and abs(part - round(part)) < 1e-9:
            return form.format(round(part))
    return f"{ratio:.4g}"
