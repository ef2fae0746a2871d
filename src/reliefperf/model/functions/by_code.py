"""Regions that are named by their codes: the value in the region that another names.

A code is a text and stands for the region of the period that has it; codes are compared letter by
letter, as texts are in conditions.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from reliefperf.model.environment import Column, Environment
from reliefperf.model.functions.function import FUNCTIONS, Function, Options

_SHOWN = 5
"""How many codes that no region has are quoted."""


def places_of(env: Environment, codes: Column) -> NDArray[np.int64]:
    """The place of the region that each row names, shape (n_regions,).

    It is -1 where the code is missing and -2 where no region of the period has it.
    """
    places: dict[str | None, int] = {code: place for place, code in enumerate(env.codes)}
    places[None] = -1
    found = (places.get(code, -2) for code in env.full(codes).tolist())
    return np.fromiter(found, dtype=np.int64, count=env.n_regions)


def strange(env: Environment, codes: Column, where: NDArray[np.bool_]) -> tuple[str, str]:
    """The codes of the rows marked in `where`, each once, in quotes: in English and in Chinese."""
    found = sorted(set(env.full(codes)[where].tolist()))
    more = ", ..." if len(found) > _SHOWN else ""
    listed = found[:_SHOWN]
    return (
        ", ".join(f"'{code}'" for code in listed) + more,
        "、".join(f"“{code}”" for code in listed) + more.replace(", ", ""),
    )


def _at(env: Environment, label: str, args: list[Column], options: Options) -> Column:
    x, codes = env.full(args[0]), args[1]
    places = places_of(env, codes)
    unknown = places == -2
    if unknown.any():
        which, which_zh = strange(env, codes, unknown)
        env.report(
            "not-defined",
            label,
            f"at() finds no region with the code {which}, so the result is missing",
            f"at() 找不到代码为{which_zh}的地区，结果记为缺失",
            unknown,
        )
    found: Column = np.full(env.n_regions, None if x.dtype == object else np.nan)
    known = places >= 0
    found[known] = x[places[known]]
    return found


FUNCTIONS["at"] = Function(
    "at",
    ("any", "code"),
    _at,
    "x in the region with that code; missing where the code is, and (noted) where no region has it",
    "该代码所指地区的 x；代码缺失时缺失，没有该代码的地区时缺失并提示",
    across=True,
    like=0,
)
