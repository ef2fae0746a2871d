"""Running a model or a scenario: load, override, score, allocate, compare."""
