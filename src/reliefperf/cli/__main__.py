"""`python -m reliefperf.cli`."""

import sys

from reliefperf.cli import main

if __name__ == "__main__":
    sys.exit(main())
