"""Measure ours and the alternatives side by side, in one run: `make bench`.

Starts `suite.py` in an environment where a core is compared with a core: NumPy's BLAS on one
thread, and on the routines that suit the processor.
"""

import os
import subprocess
import sys
from pathlib import Path

SUITE = Path(__file__).with_name("suite.py")
#: Some environments pin OpenBLAS to an old processor, which would slow the alternatives down.
PINNED = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
ONE_THREAD = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


def fair_environment() -> dict[str, str]:
    """Return this environment without pinned BLAS routines, and with BLAS on one thread."""
    kept = {name: value for name, value in os.environ.items() if name not in PINNED}
    return kept | dict.fromkeys(ONE_THREAD, "1")


if __name__ == "__main__":
    subprocess.run([sys.executable, str(SUITE), *sys.argv[1:]], env=fair_environment(), check=False)
