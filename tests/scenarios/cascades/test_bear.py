"""A pool with `bear` below the first level: what the parent got is its total."""

from __future__ import annotations

from pathlib import Path

from reliefperf.scenarios.cascades.running import run_cascade
from reliefperf.scenarios.cascades.tables import allocation_table

HEAD = "model: %s\nlanguage: en\ndata: {file: %s.csv, region: code}\n"
FILES = {
    "cascade.yaml": "cascade: two\nlevels:\n  - {id: province, model: province.yaml}\n"
    "  - {id: county, model: county.yaml, parent: above}\n",
    "province.yaml": HEAD
    % ("province", "province")
    + "variables: {need: {}}\nallocation:\n  unit: k\n  budget: 300\n"
    "  pools: {grant: {share: 1, weight: need}}\n",
    "county.yaml": HEAD
    % ("county", "county")
    + "variables: {own: {}, people: {}, above: {type: text}}\nallocation:\n  unit: k\n  budget: 1\n"
    "  pools: {grant: {share: 1, each: -own, bear: people}}\n",
    "province.csv": "code,need\nP,1\nQ,2\n",
    "county.csv": "code,above,own,people\na,P,10,10\nb,P,50,10\nc,Q,0,10\nd,Q,0,30\n",
}


def test_what_the_parent_got_fills_up_its_children(tmp_path: Path) -> None:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    _, rows = allocation_table(run_cascade(tmp_path / "cascade.yaml"))
    paid = {row[2]: str(row[-1]) for row in rows if row[0] == "county" and row[3] == "grant"}
    assert paid == {"a": "70", "b": "30", "c": "50", "d": "150"}
