"""`python -m synthsweep` is `synthsweep`."""

import sys

from synthsweep.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
