"""Score regions' public work and turn the scores into money, openly and exactly.

>>> import reliefperf
>>> model = reliefperf.load_model("india-fc15-rural")
>>> result = reliefperf.allocate(model)
>>> print(result)
<Run of india-fc15-rural: 28 regions, 60,750 crore rupees paid, notes: 1>
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reliefperf.data.dataset import Dataset
    from reliefperf.data.regions import Regions
    from reliefperf.errors import InfeasibleError, InputError, ReliefperfError
    from reliefperf.model.model import Model
    from reliefperf.scenarios.analysis.analysing import Analysis, analyse
    from reliefperf.scenarios.loading import Scenario, load_model
    from reliefperf.scenarios.published import reproduce
    from reliefperf.scenarios.running import Run, allocate, read_data, run, score
    from reliefperf.scenarios.studies import Study, study

_WHERE = {
    "Analysis": "reliefperf.scenarios.analysis.analysing",
    "Dataset": "reliefperf.data.dataset",
    "InfeasibleError": "reliefperf.errors",
    "InputError": "reliefperf.errors",
    "Model": "reliefperf.model.model",
    "Regions": "reliefperf.data.regions",
    "ReliefperfError": "reliefperf.errors",
    "Run": "reliefperf.scenarios.running",
    "Scenario": "reliefperf.scenarios.loading",
    "Study": "reliefperf.scenarios.studies",
    "allocate": "reliefperf.scenarios.running",
    "analyse": "reliefperf.scenarios.analysis.analysing",
    "load_model": "reliefperf.scenarios.loading",
    "read_data": "reliefperf.scenarios.running",
    "reproduce": "reliefperf.scenarios.published",
    "run": "reliefperf.scenarios.running",
    "score": "reliefperf.scenarios.running",
    "study": "reliefperf.scenarios.studies",
}

__all__ = [
    "Analysis",
    "Dataset",
    "InfeasibleError",
    "InputError",
    "Model",
    "Regions",
    "ReliefperfError",
    "Run",
    "Scenario",
    "Study",
    "__version__",
    "allocate",
    "analyse",
    "load_model",
    "read_data",
    "reproduce",
    "run",
    "score",
    "study",
]


def __getattr__(name: str) -> Any:
    """Import on first use, so that `reliefperf --help` need not pay for numpy and pandas."""
    if name == "__version__":
        from importlib.metadata import version

        return version("reliefperf")
    if name in _WHERE:
        from importlib import import_module

        return getattr(import_module(_WHERE[name]), name)
    raise AttributeError(f"module 'reliefperf' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted(__all__)
