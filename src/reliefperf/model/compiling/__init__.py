"""Expressions, given meaning: a checked tree becomes a function over whole columns.

Truth is three-valued: a comparison with a missing number is missing, `and`/`or` decide where one
side already settles it. Division by zero is missing and noted.
"""

from reliefperf.model.compiling.compiler import compile_expression, kind_of
from reliefperf.model.compiling.scope import LOOKED_UP, MISSING, Compiled, Scope

__all__ = ["LOOKED_UP", "MISSING", "Compiled", "Scope", "compile_expression", "kind_of"]
