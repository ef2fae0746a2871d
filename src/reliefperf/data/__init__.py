"""Reading what regions report: strictly, with a line for whatever is changed or left out."""

from reliefperf.data.changes import CellChange
from reliefperf.data.check import read_data
from reliefperf.data.dataset import Dataset, PeriodTable
from reliefperf.data.regions import Region, Regions

__all__ = ["CellChange", "Dataset", "PeriodTable", "Region", "Regions", "read_data"]
