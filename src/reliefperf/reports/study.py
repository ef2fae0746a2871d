"""What a study leaves behind: its folder of tables and a figure, and a summary on the terminal."""

from __future__ import annotations

import csv
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from reliefperf.errors import Lang
from reliefperf.model.spec_data import in_language
from reliefperf.reports import console
from reliefperf.reports.folder import (
    check_target,
    file_hashes,
    write_folder,
    write_json,
    write_label,
)
from reliefperf.scenarios.results.cells import Cell, number_text
from reliefperf.scenarios.studies import Study
from reliefperf.scenarios.studies.tables import (
    Table,
    failures_table,
    indices_table,
    intervals_table,
    regions_table,
    reversals_table,
    variants_table,
)

RECORD_FILE = "study.json"
FIGURE_FILE = "ranks.png"
OWN_FILES = {
    "variants.csv",
    "regions.csv",
    "indices.csv",
    "failures.csv",
    "intervals.csv",
    "reversals.csv",
    FIGURE_FILE,
    "SYNTHETIC.txt",
    RECORD_FILE,
}
"""What a study writes; a folder with anything else in it is never replaced."""
_VERSIONS = ("reliefperf", "numpy", "scipy", "matplotlib", "SALib")
MOST_SHOWN = 10


def check_study_target(folder: Path) -> None:
    """Refuse a target that holds something other than an earlier study."""
    check_target(folder, OWN_FILES, RECORD_FILE)


def write_study(study: Study, folder: Path) -> Path:
    """Write a study into `folder`; an older one there is replaced, anything else is refused.

    Raises InputError if the folder holds something else or cannot be written.
    """
    return write_folder(folder, lambda partial: _fill(study, partial), OWN_FILES, RECORD_FILE)


def study_tables(study: Study) -> dict[str, Table]:
    """The tables of a study by file; those that say nothing in it are left out."""
    tables = {
        "variants.csv": variants_table(study),
        "regions.csv": regions_table(study),
        "indices.csv": indices_table(study),
        "failures.csv": failures_table(study),
    }
    if study.intervals_rows:
        tables["intervals.csv"] = intervals_table(study.intervals_rows)
    if study.leavings:
        tables["reversals.csv"] = reversals_table(study)
    return tables


def study_cell(value: Cell) -> str:
    """A cell as it stands in a file: numbers to 12 significant digits."""
    if isinstance(value, str):
        return value
    return "" if value is None else number_text(float(value))


def _fill(study: Study, folder: Path) -> None:
    from reliefperf.reports.study_figure import rank_ranges

    for name, (header, rows) in study_tables(study).items():
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(header)
            writer.writerows([study_cell(cell) for cell in row] for row in rows)
    rank_ranges(study).savefig(folder / FIGURE_FILE, metadata={"Software": None})
    write_label(folder, study.plan.model.spec.data.synthetic)
    record = study_record(study)
    record["files"] = file_hashes(folder)
    write_json(folder / RECORD_FILE, record)


def study_record(study: Study) -> dict[str, Any]:
    """What study.json says: the whole definition, inputs' hashes, versions, the share of failures."""
    plan, dataset = study.plan, study.dataset
    return {
        "format": 1,
        "study": plan.spec.study,
        "title": plan.spec.title,
        "model": plan.model.name,
        "synthetic": study.is_synthetic,
        "period": study.period,
        "regions": len(study.codes),
        "variants": len(study.design.levels),
        "failed": len(study.results.failures),
        "failed_share": round(study.failed_share, 12),
        "levels": {
            name: [level.label for level in plan.levels[name]]
            if plan.drawn(name) is None
            else "drawn"
            for name in plan.factors
        },
        "within_reach": list(study.within_reach),
        "inputs": {
            "study": dict(plan.files),
            "model": dict(sorted(plan.model.files.items())),
            "data": {Path(dataset.source).name: dataset.sha256},
        },
        "versions": {name: found for name in _VERSIONS if (found := _version(name)) is not None},
        "notes": [
            {"kind": n.kind, "place": n.place, "count": n.count, "en": n.en, "zh": n.zh}
            for n in study.notes
        ],
        "definition": _plain(plan.document.data),
        "model_definition": _plain(plan.model.document.data),
    }


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value


# ---------------------------------------------------------------- terminal


def say_study(study: Study, folder: Path) -> None:
    """Sum a study up and say where its results are."""
    lang = console.lang()
    plan = study.plan
    title = in_language(plan.spec.title, lang, plan.spec.study)
    console.show(f"{title} ({plan.spec.study} · {plan.model.name})", "bold")
    if study.is_synthetic:
        console.say_synthetic(in_language(plan.model.spec.data.synthetic, lang))
    count, failed = len(study.design.levels), len(study.results.failures)
    console.say(
        f"  {len(study.codes):,} regions, {count:,} variants; {failed:,} failed "
        f"({study.failed_share:.1%} of the design)",
        f"  {len(study.codes):,} 个地区，{count:,} 个方案；失败 {failed:,} 个"
        f"（占设计的 {study.failed_share:.1%}）",
    )
    for item in study.results.failures[:3]:
        console.say(
            f"  - variant {item.variant + 1}: {item.en}", f"  - 方案 {item.variant + 1}：{item.zh}"
        )
    _say_indices(study, lang)
    _say_ranges(study)
    _say_grades(study)
    _say_reversals(study)
    console.say(f"results: {folder}", f"结果：{folder}", style="bold")


def _say_indices(study: Study, lang: Lang) -> None:
    computed = study.summary_indices
    found = computed.indices
    if found is None:
        console.say(f"  {computed.basis[0]}", f"  {computed.basis[1]}")
        return
    rows = []
    for at, name in enumerate(study.plan.factors):
        cells = [found.first[at, 0], found.total[at, 0]]
        title = in_language(study.plan.spec.factors[name].title, lang, name)
        rows.append([title, *("—" if np.isnan(cell) else f"{cell:.3f}" for cell in cells)])
    console.say(
        f"  what moves the mean absolute rank shift ({computed.basis[0]}):",
        f"  平均名次变动（绝对值）受哪些因素影响（{computed.basis[1]}）：",
    )
    console.table(
        "",
        (("factor", "因素", False), ("first order", "一阶", True), ("total", "总效应", True)),
        rows,
    )


def _say_ranges(study: Study) -> None:
    found = study.range_of("rank")
    width = np.nan_to_num(found.q95 - found.q05, nan=-1.0)
    widest = np.lexsort((np.arange(len(width)), -width))[:MOST_SHOWN]
    console.say("  widest ranges of rank:", "  名次范围最宽的地区：")
    console.table(
        "",
        (
            ("region", "地区", False),
            ("rank", "名次", True),
            ("5 %", "5%", True),
            ("median", "中位数", True),
            ("95 %", "95%", True),
        ),
        [
            [
                " ".join(dict.fromkeys([study.codes[place], study.names[place]])).strip(),
                *(
                    number_text(float(column[place]), None) or "—"
                    for column in (found.nominal, found.q05, found.median, found.q95)
                ),
            ]
            for place in widest.tolist()
        ],
    )


def _say_grades(study: Study) -> None:
    if not study.grades:
        return
    near, sure = study.within_reach, study.plan.spec.sure
    listed = ", ".join(near[:MOST_SHOWN]) + (", ..." if len(near) > MOST_SHOWN else "")
    console.say(
        f"  {len(near):,} regions keep their grade in less than {sure:.0%} of the variants: {listed}"
        if near
        else f"  every region keeps its grade in {sure:.0%} of the variants or more",
        f"  {len(near):,} 个地区保持原等次的方案不足 {sure:.0%}：{listed}"
        if near
        else f"  所有地区在至少 {sure:.0%} 的方案中保持原等次",
    )


def _say_reversals(study: Study) -> None:
    if not study.leavings:
        return
    known = [item for item in study.leavings if item.reversed]
    total = sum(item.reversed or 0 for item in known)
    lacking = sum(item.failed is not None for item in study.leavings)
    console.say(
        f"  regions left out in turn: {len(study.leavings):,}; pairs of others that changed places: "
        f"{total:,}, by {len(known):,} of them"
        + (f"; {lacking:,} could not be computed" if lacking else ""),
        f"  逐一去掉 {len(study.leavings):,} 个地区：其中 {len(known):,} 个引起其他地区名次对调，"
        f"共 {total:,} 对" + (f"；{lacking:,} 个无法计算" if lacking else ""),
    )
