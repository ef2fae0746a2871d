# `make demo` and `make test` need git, make and any Python 3 with pip; uv is found or installed
# into .tools/, and uv finds or fetches the Python that .python-version names.
.PHONY: demo test check bench clean

# A command named uv may be a shim that fails in this folder, so it is asked for its version. The
# bootstrap runs from /, where .python-version cannot mislead a version manager.
UV := $(shell if uv --version >/dev/null 2>&1; then command -v uv; else echo $(CURDIR)/.tools/bin/uv; fi)
OUT ?= out

ifneq ($(UV),$(CURDIR)/.tools/bin/uv)
UV_READY :=
else
UV_READY := .tools/bin/uv
endif

demo: $(UV_READY)
	@"$(UV)" run --quiet --frozen reliefperf run india-fc15-rural -o $(OUT)/india
	@"$(UV)" run --quiet --frozen reliefperf run relief-2013 -o $(OUT)/relief-2013
	@echo
	@echo "Open $(OUT)/relief-2013/results.xlsx, or try:"
	@echo "  $(notdir $(UV)) run reliefperf explain $(OUT)/relief-2013 130102"

test: $(UV_READY)
	"$(UV)" run --quiet --frozen pytest -n 2

check: $(UV_READY)
	"$(UV)" run --quiet --frozen ruff check
	"$(UV)" run --quiet --frozen ruff format --check
	"$(UV)" run --quiet --frozen mypy

# Each prints ratios measured side by side in one run; peers are fetched for the run alone.
bench: $(UV_READY)
	for name in scoring outranking benefit program national questions verify cascade; do \
		"$(UV)" run --quiet --frozen python benchmarks/bench_$$name.py || exit 1; \
	done
	for name in evaluation draws; do \
		"$(UV)" run --quiet --frozen --with pymcdm --with scikit-criteria \
			python benchmarks/bench_$$name.py || exit 1; \
	done
	"$(UV)" run --quiet --frozen --with linopy --with cvxpy python benchmarks/bench_allocation.py

.tools/bin/uv:
	cd / && python3 -m venv "$(CURDIR)/.tools"
	.tools/bin/python -m pip install --quiet uv

clean:
	rm -rf out dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
