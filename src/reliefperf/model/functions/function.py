"""What a function of the language is, and the list of all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from reliefperf.model.environment import Column, Environment, Kind

Options = Mapping[str, Column | str]


@dataclass(frozen=True)
class Limits:
    """What an argument that is one number for all regions may be."""

    low: float
    high: float
    whole: bool
    en: str
    zh: str

    def hold(self, value: float) -> bool:
        """Whether a number is within the limits."""
        return self.low <= value <= self.high and (not self.whole or value == int(value))


@dataclass(frozen=True)
class Function:
    """One function: how it is called and what it does.

    `arguments` lists the kinds of the arguments ("any" takes all, "code" a text that names a
    region); the last may repeat. `like` is the place of the argument whose kind the result has.
    `constants` gives the places of arguments that are one number for all regions, `columns` the
    options that are numbers by region, `needed` those that cannot be left out, `limits` the places of
    a low and a high limit.
    """

    name: str
    arguments: tuple[str, ...]
    run: Callable[[Environment, str, list[Column], Options], Column]
    en: str
    zh: str
    result: Kind | None = "number"
    required: int | None = None
    repeats: bool = False
    options: tuple[str, ...] = ()
    columns: tuple[str, ...] = ("weight", "tie_break")
    needed: tuple[str, ...] = ()
    across: bool = False
    constants: Mapping[int, Limits] = field(default_factory=dict)
    limits: tuple[int, int] | None = None
    like: int | None = None

    @property
    def least(self) -> int:
        """How many arguments are needed."""
        return len(self.arguments) if self.required is None else self.required


FUNCTIONS: dict[str, Function] = {}
"""Every function by name, in the order of the documentation."""

OPTION_VALUES = {
    "order": ("descending", "ascending"),
    "ties": ("min", "max", "average", "dense"),
    "skip": (True, False),
}
"""Options whose values are words."""
