"""Cascades: money that goes down level by level, each level with its own model."""

from reliefperf.scenarios.cascades.loading import Cascade, load_cascade, names_cascade
from reliefperf.scenarios.cascades.running import CascadeRun, run_cascade

__all__ = ["Cascade", "CascadeRun", "load_cascade", "names_cascade", "run_cascade"]
