"""A rule is picked by its key; a wrong key is named with the nearest right one."""

from __future__ import annotations

import pytest

from reliefperf.errors import InputError
from reliefperf.model.building import build_model
from reliefperf.model.document import parse_document
from reliefperf.scenarios.loading import load_model  # noqa: F401  (the rules register themselves)

MODEL = """\
model: rules
variables: {{x: {{}}}}
allocation:
  unit: yuan
  budget: 10
  pools: {{p: {{share: 1, weight: x}}}}
  rules: [{rule}]
"""


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("{id: a, flor: 3}", "'flor' is not a rule on amounts; did you mean 'floor'?"),
        ("{id: a, minimum: 3}", "'minimum' is not a rule on amounts; did you mean 'floor'?"),
        ("{id: a, max: 3}", "'max' is not a rule on amounts; did you mean 'cap'?"),
        ("{id: a, basis: law, pool: p, capp: 3}", "did you mean 'cap'?"),
        ("{id: a, where: x > 1}", "'id' is not a rule on amounts"),
        ("{id: a, cap: 3, floor: 1}", "one rule on amounts at a time, found cap, floor"),
    ],
)
def test_a_wrong_rule_key_is_named_and_not_what_stands_beside_it(rule: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        build_model(parse_document(MODEL.format(rule=rule), "model.yaml"), None)
    assert said in str(caught.value)
