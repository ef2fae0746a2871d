"""What the formula alone gives."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from reliefperf.scenarios.running import run

GAINS = """\
model: gains
data: {file: data.csv, region: code}
variables: {need: {missing: error}, base: {missing: error}}
allocation:
  unit: dollar
  pools:
    grant: {scale_gains: {formula: 1000 * share(need), floor: base}}
"""


def test_gains_that_add_up_to_whole_units_but_for_binary_noise_are_shared(
    make_model: Callable[..., Path],
) -> None:
    folder = make_model(
        model_yaml=GAINS, data_csv="code,need,base\nA,10,250\nB,20,250\nC,30,150\nD,60,150\n"
    )
    assert [int(amount) for amount in run(folder).allocation["amount"][::2]] == [250, 250, 194, 306]
