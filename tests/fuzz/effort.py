"""How long a fuzzer goes on."""

import os
import time
from collections.abc import Iterator

import numpy as np

#: Minutes for each fuzzer; zero in `make test`, where a fixed number of rounds is tried.
MINUTES = float(os.environ.get("FUZZ_MINUTES", "0"))


def rounds(short: int) -> Iterator[np.random.Generator]:
    """Yield a generator of random numbers for each round.

    In a short run the same `short` rounds every time; in a long one as many as the time allows, from a seed that is printed with
    the number of rounds, so that what was found can be had again (FUZZ_SEED).
    """
    if not MINUTES:
        yield from (np.random.default_rng([0, i]) for i in range(short))
        return
    seed = int(os.environ.get("FUZZ_SEED", time.time_ns() % 2**32))
    end, i = time.monotonic() + 60 * MINUTES, 0
    while time.monotonic() < end:
        yield np.random.default_rng([seed, i])
        i += 1
    print(f"FUZZ_SEED={seed}: {i:,} rounds")
