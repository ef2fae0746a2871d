"""Numbers that people write as fractions: 1/3 is the float nearest to it, from a file or a model.

A measured number is a float throughout, so a fraction is one as well: the nearest, as `1/3` in an
expression gives, not the rounded 0.333 that would have to be typed.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema

from reliefperf.model.refusing import refusal

_DECIMAL = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_FRACTION = re.compile(r"[-+]?(?P<above>[0-9]{1,18})/(?P<below>[0-9]{1,18})")


def written_number(text: str) -> float | None:
    """The number that a text is: 3, 0.5, 1e3, 1/3; None for any other, and for a school year.

    >>> written_number(" 2／5 "), written_number("three"), written_number("2023/24")
    (0.4, None, None)
    """
    shown = _without_spaces(text)
    if "/" in shown:
        return _fraction(shown)
    number = float(shown) if _DECIMAL.fullmatch(shown) else float("nan")
    return number if number - number == 0 else None


def fraction_or_text(value: float | str) -> float | str:
    """A text that is a fraction as its number; anything else, also a text such as '3', as it is."""
    number = _fraction(_without_spaces(value)) if isinstance(value, str) else None
    return value if number is None else number


def _without_spaces(text: str) -> str:
    return text.replace("／", "/").replace(" ", "")


def _fraction(text: str) -> float | None:
    found = _FRACTION.fullmatch(text)
    if found is None:
        return None
    following = str(int(found["above"]) + 1)
    if found["below"] in (following, following[2:]) and len(following) == len("2024"):
        return None
    return float(Fraction(text)) if int(found["below"]) else None


def read_number(value: Any) -> Any:
    """A text as its number where nothing else will do; what is no text is left to the schema."""
    if not isinstance(value, str):
        return value
    number = written_number(value)
    if number is None:
        raise refusal(
            f"expected a number or a fraction such as 1/3, found '{value}'",
            f"此处应为数或分数（如 1/3），而写的是“{value}”",
        )
    return number


Number = Annotated[
    float,
    BeforeValidator(read_number),
    WithJsonSchema(
        {"anyOf": [{"type": "number"}, {"type": "string", "pattern": r"^[-+0-9.eE /／]+$"}]}
    ),
]
"""A number, which may be written as a fraction."""
