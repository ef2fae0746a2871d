"""The folder, the figure and the summary of a study."""

from __future__ import annotations

import csv
import json

import pytest

from reliefperf.errors import InputError
from reliefperf.reports.study import OWN_FILES
from reliefperf.reports.study_figure import rank_ranges
from reliefperf.scenarios.studies import study
from tests.scenarios.studies.building import MODEL, factors, folder_of

SYNTHETIC = MODEL.replace(
    "name: name}", "name: name, synthetic: {zh: 编造的数据, en: made-up data}}"
)
FAILING = factors(
    """
    how: {choose: evaluation.combine, among: [arithmetic, geometric]}
    out: {leave_out: each}
    """,
    reversals="true",
)


def read(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_folder_has_everything_twice_the_same(tmp_path) -> None:
    path = folder_of(tmp_path, FAILING, SYNTHETIC)
    first, second = (study(path, output=tmp_path / name) for name in ("one", "two"))
    files = {file.name for file in (tmp_path / "one").iterdir()}
    assert files == OWN_FILES - {"intervals.csv"}
    for name in sorted(files):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    assert repr(first) == repr(second)
    assert len(read(tmp_path / "one" / "variants.csv")) == 8
    assert len(read(tmp_path / "one" / "failures.csv")) == len(first.results.failures) > 0
    assert "编造的数据" in (tmp_path / "one" / "SYNTHETIC.txt").read_text(encoding="utf-8")
    record = json.loads((tmp_path / "one" / "study.json").read_text(encoding="utf-8"))
    assert record["failed"] == len(first.results.failures)
    assert record["synthetic"] is True
    assert set(record["files"]) == files - {"study.json"}
    for name in sorted(files - {"ranks.png"}):
        assert str(tmp_path) not in (tmp_path / "one" / name).read_text(encoding="utf-8")


def test_only_an_earlier_study_is_replaced(tmp_path) -> None:
    path = folder_of(tmp_path)
    made = study(path, output=tmp_path / "out")
    made.write(tmp_path / "out")
    (tmp_path / "out" / "mine.txt").write_text("keep")
    with pytest.raises(InputError, match=r"mine\.txt"):
        made.write(tmp_path / "out")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_summary_says_failures_indices_and_reach(tmp_path, cli, lang) -> None:
    path = folder_of(tmp_path, FAILING.replace("reversals", "sure: 1\nreversals"), SYNTHETIC)
    result = cli("--lang", lang, "study", path, "-o", tmp_path / "out")
    assert result.exit_code == 0
    words = {
        "en": ("SYNTHETIC DATA", "failed", "no indices", "keep their grade", "left out in turn"),
        "zh": ("合成数据", "失败", "不计算敏感性指数", "保持原等次", "逐一去掉"),
    }[lang]
    for word in words:
        assert word in result.output


def test_check_says_that_a_study_is_sound_and_run_sends_it_to_its_verb(tmp_path, cli) -> None:
    path = folder_of(tmp_path)
    assert cli("check", path).exit_code == 0
    result = cli("--lang", "en", "run", path, "-o", tmp_path / "out")
    assert result.exit_code == 2
    assert "reliefperf study" in result.output
    assert cli("study", tmp_path / "model.yaml", "-o", tmp_path / "out").exit_code == 2


def test_the_figure_names_every_region_and_the_synthetic_data(tmp_path) -> None:
    made = study(folder_of(tmp_path, model=SYNTHETIC))
    figure = rank_ranges(made, lang="en")
    (axes,) = figure.axes
    assert [label.get_text() for label in axes.get_yticklabels()] == [
        made.names[place] for place in made.nominal.rank.argsort(kind="stable")
    ]
    assert "synthetic data" in axes.get_title(loc="left")


def test_with_many_regions_the_ends_are_listed_below_a_picture_of_all(tmp_path) -> None:
    rows = "".join(f'"{i:03d}",R{i},{i % 37},{i % 11},{i % 7},0,1\n' for i in range(150))
    data = "code,name,x,y,z,wrong,checked\n" + rows
    made = study(folder_of(tmp_path, data=data))
    figure = rank_ranges(made)
    assert len(figure.axes) == 3
    assert [len(axes.get_yticklabels()) for axes in figure.axes[1:]] == [60, 60]
