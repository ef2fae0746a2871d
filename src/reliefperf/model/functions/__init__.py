"""The functions that expressions may call.

Element-wise functions work region by region; across-region functions look at all regions of the
period, at those of the same group when `by=` is given, or at those that name this one when `to=` is
given; `at` looks at the one region that this one names. Regions where the argument is missing
are left out of a total, a mean or a rank, which is noted.
"""

from reliefperf.model.functions import by_region  # noqa: I001  (the order of the documentation)
from reliefperf.model.functions import by_code
from reliefperf.model.functions import across_regions
from reliefperf.model.functions import in_order
from reliefperf.model.functions.across_regions import rank
from reliefperf.model.functions.function import FUNCTIONS, OPTION_VALUES, Function, Limits

__all__ = [
    "FUNCTIONS",
    "OPTION_VALUES",
    "Function",
    "Limits",
    "across_regions",
    "by_code",
    "by_region",
    "in_order",
    "rank",
]
