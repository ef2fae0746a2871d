"""What is found of a promise: in how many trials it was tried, and what broke it."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction


@dataclass(frozen=True)
class CounterExample:
    """What was changed, and a region whose amounts then break the promise, as paid and before
    whole units; `first` and `second` are what is compared."""

    en: str
    zh: str
    region: str
    name: str
    pool: str
    first: Fraction
    second: Fraction
    first_before_units: Fraction
    second_before_units: Fraction
    by_rounding: bool


@dataclass(frozen=True)
class Finding:
    """How one promise fared: in how many trials it was tried, in how many the rules could not hold
    at all, and each trial's worst counter-example. Without trials `en` and `zh` say why."""

    promise: str
    trials: int = 0
    impossible: int = 0
    against: tuple[CounterExample, ...] = ()
    en: str = ""
    zh: str = ""
    unit: str = ""

    @property
    def holds(self) -> bool:
        """Whether it was tried and no trial broke it."""
        return self.trials > 0 and not self.against


@dataclass
class Count:
    """The trials of one promise, as they are made."""

    trials: int = 0
    impossible: int = 0
    against: list[CounterExample] = field(default_factory=list)

    def add(self, found: CounterExample | None) -> None:
        """One trial, with what broke the promise if anything did."""
        self.trials += 1
        if found is not None:
            self.against.append(found)

    def finding(self, promise: str, unit: str) -> Finding:
        """How the promise fared in these trials."""
        return Finding(promise, self.trials, self.impossible, tuple(self.against), unit=unit)
