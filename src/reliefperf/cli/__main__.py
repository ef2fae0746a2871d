"""The command `reliefperf`, also as `python -m reliefperf.cli`."""

import atexit
import gc

from reliefperf.cli import main


def command() -> None:
    """Do what `main` does; then end without looking for cycles in all that was loaded."""
    atexit.register(gc.freeze)
    main()


if __name__ == "__main__":
    command()
