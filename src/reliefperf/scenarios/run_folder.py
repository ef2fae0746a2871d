"""A run folder read back, for explaining and comparing without the model."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from reliefperf.errors import InputError, Lang, Mistake, did_you_mean, suggestion
from reliefperf.scenarios.own_files import RUN_FILE

Rows = tuple[dict[str, str], ...]

_OF_LEVELS = (
    *("scores", "points", "allocation", "explanation", "factors", "rules", "treatments"),
    *("claims", "consequences", "decisions", "calculation"),
)
"""Tables that have the level in front in a cascade."""


@dataclass(frozen=True)
class RunFolder:
    """The tables of a run as rows of text, and its record. Tables that were not written are empty."""

    folder: Path
    record: dict[str, Any]
    scores: Rows
    points: Rows
    allocation: Rows
    explanation: Rows
    factors: Rows = ()
    formulas: Rows = ()
    rules: Rows = ()
    treatments: Rows = ()
    claims: Rows = ()
    consequences: Rows = ()
    decisions: Rows = ()
    parents: Rows = ()
    calculation: Rows = ()

    @property
    def is_cascade(self) -> bool:
        """Whether the rows stand at levels of a cascade."""
        return "cascade" in self.record

    def level_of(self, code: str) -> str:
        """The level at which a region got its money, or else was scored; '' outside a cascade."""
        rows = (row for row in (*self.allocation, *self.scores) if row["region"] == code)
        return next(rows, {}).get("level", "")

    def at_level_of(self, code: str) -> RunFolder:
        """The rows and the definition of a region's level; all of them outside a cascade."""
        level = self.level_of(code)
        return self.at_level(level) if level else self

    @property
    def levels(self) -> list[str]:
        """The levels of a cascade, from the top down; empty otherwise."""
        return [str(one["id"]) for one in self.record.get("levels", ())]

    def at_level(self, level: str) -> RunFolder:
        """The rows and the definition of one level of a cascade."""
        chosen: dict[str, Any] = {
            name: tuple(row for row in getattr(self, name) if row.get("level") == level)
            for name in _OF_LEVELS
        }
        stated: list[dict[str, Any]] = self.record.get("levels", [])
        own = next((one for one in stated if one.get("id") == level), {})
        record = {**self.record, "levels": [own], "definition": own.get("definition")}
        return replace(self, record=record, **chosen)

    @cached_property
    def names(self) -> dict[str, str]:
        """Names by code, as far as the scores have them or, where they do not, the data."""
        found = {row["parent"]: row.get("name", "") for row in self.parents}
        found |= {row["region"]: row.get("name", "") for row in self.scores}
        if self.is_cascade and any(code not in found for code in self.codes):
            return self._names_in_levels() | found
        return found if self.scores or self.is_cascade else found | self._names_in_data()

    def _names_in_levels(self) -> dict[str, str]:
        from reliefperf.scenarios.cascades.inputs import names_in_cascade

        try:
            return names_in_cascade(self.folder, self.record)
        except InputError:
            return {}

    def _names_in_data(self) -> dict[str, str]:
        from reliefperf.scenarios.inputs import dataset_of

        try:
            dataset = dataset_of(self.folder, self.record)
        except InputError:
            return {}
        return {
            code: name
            for table in dataset.tables.values()
            for code, name in zip(table.codes, table.names, strict=True)
        }

    @property
    def periods(self) -> list[str]:
        """The periods of a panel, in order; empty otherwise."""
        rows = self.scores or self.allocation
        return list(dict.fromkeys(row["period"] for row in rows if "period" in row))

    @property
    def codes(self) -> list[str]:
        """All region codes, in order."""
        rows = self.scores or self.allocation
        if self.is_cascade:
            rows = (*self.scores, *self.allocation)
        return list(dict.fromkeys(row["region"] for row in rows))

    def titles(self, lang: Lang) -> dict[str, str]:
        """The titles of nodes, adjustments, pools and rules by id, from the model's definition."""
        found: dict[str, str] = {}
        pending: list[tuple[str, Any]] = [
            ("", self.record.get("levels")),
            ("", self.record.get("definition")),
        ]
        while pending:
            key, part = pending.pop()
            if isinstance(part, dict):
                name = str(part.get("id", key))
                title = _said(part.get("title"), lang)
                if title is not None and name:
                    found[name] = title
                pending.extend(
                    (str(inner), value) for inner, value in part.items() if inner != "published"
                )
            elif isinstance(part, list):
                pending.extend(("", value) for value in part)
        return found

    def bears(self) -> dict[str, str]:
        """By what measure the limits of a pool are carried, for the pools that say so."""
        found: dict[str, str] = {}
        definition = self.record.get("definition")
        money = definition.get("allocation") if isinstance(definition, dict) else None
        pools = money.get("pools") if isinstance(money, dict) else None
        for pool, stated in pools.items() if isinstance(pools, dict) else ():
            if isinstance(stated, dict) and stated.get("bear") is not None:
                found[str(pool)] = str(stated["bear"])
        return found

    def treatment_titles(self, lang: Lang) -> dict[str, tuple[str, str]]:
        """Title and basis of the steps of treatment that state them, by the step's name."""
        definition = self.record.get("definition")
        evaluation = definition.get("evaluation") if isinstance(definition, dict) else None
        found: dict[str, tuple[str, str]] = {}
        pending: list[Any] = [evaluation]
        while pending:
            part = pending.pop()
            if not isinstance(part, dict):
                continue
            pending += [*_list(part.get("tree")), *_list(part.get("children"))]
            for step in (*_list(part.get("treatment")), *_list(part.get("treat"))):
                if not isinstance(step, dict):
                    continue
                title, basis = (_said(step.get(key), lang) for key in ("title", "basis"))
                if title is not None or basis is not None:
                    names = [str(step["id"])] if "id" in step else [str(key) for key in step]
                    found |= dict.fromkeys(names, (title or "", basis or ""))
        return found

    def find(self, region: str) -> str:
        """The code that a code or an exact and unique name means; raises InputError."""
        if region in self.codes:
            return region
        named = [code for code, name in self.names.items() if name == region]
        if len(named) == 1:
            return named[0]
        if named:
            listed = ", ".join(named)
            raise InputError(
                Mistake.at(
                    f"the name '{region}' is not unique: {listed}; give the code",
                    f"名称“{region}”不唯一：{listed}；请给出代码",
                    file=str(self.folder),
                )
            )
        names = [name for name in self.names.values() if name]
        if did_you_mean(region, [*self.codes, *names]) is not None:
            en, zh = suggestion(region, [*self.codes, *names])
        else:
            en, zh = suggestion(region, names or self.codes)
        raise InputError(
            Mistake.at(
                f"the run has no region '{region}'{en}",
                f"运行结果中没有地区“{region}”{zh}",
                file=str(self.folder),
            )
        )


def read_run(folder: str | Path) -> RunFolder:
    """Read a folder that `reliefperf run` wrote; raises InputError if it is not one."""
    path = Path(folder)
    try:
        record = json.loads((path / RUN_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise InputError(
            Mistake.at(
                "not a folder written by `reliefperf run` (no readable run.json)",
                "不是 reliefperf run 写出的文件夹（没有可读的 run.json）",
                file=str(path),
            )
        ) from None
    tables = {
        name: _read(path / f"{name}.csv", needed)
        for name, needed in (
            ("scores", ("region", "score")),
            ("points", ("region", "indicator", "points", "reason")),
            ("allocation", ("region", "pool", "entitlement", "amount")),
            ("explanation", ("region", "pool", "step", "amount")),
            ("treatments", ("region", "indicator", "step", "before", "after", "how")),
            ("claims", ("region", "item", "of", "self", "verified", "final", "difference")),
            ("consequences", ("region", "title", "effect", "detail", "basis", "responsible")),
            ("decisions", ("region", "target", "before", "after", "reason", "decided_by", "date")),
            ("calculation", ("region", "pool", "step", "change", "amount")),
            ("factors", ("region", "pool", "factor", "amount")),
            ("formulas", ("region", "of", "part", "item", "value")),
            ("rules", ("rule", "says", "binding", "meaning")),
            ("parents", ("level", "parent", "pool", "received", "paid", "left")),
        )
    }
    if not isinstance(record, dict) or not (tables["scores"] or tables["allocation"]):
        raise InputError(
            Mistake.at(
                "the run holds neither scores nor amounts",
                "运行结果中既无得分也无金额",
                file=str(path),
            )
        )
    return RunFolder(path, record, **tables)


def _list(part: Any) -> list[Any]:
    return part if isinstance(part, list) else []


def _said(text: Any, lang: Lang) -> str | None:
    """A title or note of the definition in one language, if it can be said in any."""
    if isinstance(text, dict):
        text = text.get(lang) or next(iter(text.values()), None)
    return text if isinstance(text, str) else None


def _read(path: Path, needed: Sequence[str]) -> Rows:
    if not path.exists():
        return ()
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            rows = tuple(reader)
    except (OSError, UnicodeDecodeError, csv.Error):
        rows, reader = (), None
    headings = list(reader.fieldnames or []) if reader is not None else []
    missing = [name for name in needed if name not in headings]
    if missing:
        raise InputError(
            Mistake.at(
                f"cannot be read as a table with {', '.join(needed)}",
                f"无法读取为含有 {', '.join(needed)} 列的表",
                file=str(path),
            )
        )
    return rows
