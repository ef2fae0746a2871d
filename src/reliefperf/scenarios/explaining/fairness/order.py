"""Promises of order: neither that of the rows nor that of the rules changes anything."""

from __future__ import annotations

import tempfile
from pathlib import Path

from reliefperf.data.reading import read_cells
from reliefperf.scenarios.explaining.fairness.finding import Count, Finding
from reliefperf.scenarios.explaining.fairness.trying import Trying
from reliefperf.scenarios.explaining.without import copy_of
from reliefperf.scenarios.running import read_data, run_model


def rows(trying: Trying) -> Finding:
    """Rows of the data in another order: the same amounts to the unit."""
    source, sheet = Path(trying.run.dataset.source), trying.model.spec.data.sheet
    if trying.run.dataset.source.startswith("<"):
        source, sheet = Path("data.csv"), None
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"data{source.suffix}"
        file.write_bytes(trying.run.dataset.content)
        spec = trying.model.spec.data
        encoding = trying.run.dataset.encoding or spec.encoding
        raw = read_cells(file, sheet=sheet, encoding=encoding)
    import pandas as pd

    count = Count()
    for number in range(min(trying.trials, 3)):
        order = trying.chance.permutation(len(raw.rows)).tolist()
        frame = pd.DataFrame([raw.rows[i] for i in order], columns=list(raw.headings), dtype=object)
        again = run_model(
            trying.model,
            read_data(trying.model, frame),
            relax=trying.paid.relax,
            by_step=False,
        )
        other = again.periods[trying.env.period].allocation
        assert other is not None
        en, zh = f"rows in another order ({number + 1})", f"数据行另排次序（{number + 1}）"
        count.add(trying.differs(en, zh, trying.paid, other))
    return count.finding("rows", trying.paid.unit)


def rules(trying: Trying) -> Finding:
    """Rules in another order: the same amounts to the unit."""
    spec = trying.model.spec.allocation
    assert spec is not None
    if len(spec.rules) < 2:
        return Finding(
            "rules", en="the model has fewer than two rules", zh="模型的资金规则不足两条"
        )
    count = Count()
    seen = [tuple(range(len(spec.rules)))]
    orders = [seen[0][::-1]]
    orders += [tuple(trying.chance.permutation(len(spec.rules)).tolist()) for _ in range(20)]
    for order in orders:
        if order in seen or count.trials + count.impossible >= trying.trials:
            continue
        seen.append(order)
        changed = spec.model_copy(update={"rules": [spec.rules[i] for i in order]})
        other = trying.shared_out(trying.allocating_by(changed), copy_of(trying.env), count)
        named = ", ".join(spec.rules[i].id for i in order)
        if other is not None:
            count.add(trying.differs(f"rules: {named}", f"规则次序：{named}", trying.paid, other))
    return count.finding("rules", trying.paid.unit)
