"""Statistics of a run's indicators."""
