"""Running a sampler until its chains agree, and saying what its draws lack.

Vehtari, Gelman, Simpson, Carpenter and Bürkner (2021), Bayesian Analysis 16:667-718, section 4.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..draws import ranges
from ..errors import warn
from ..ground.columns import Floats
from .chains import ess_bulk, ess_tail, r_hat
from .posterior import Chains

#: Above this the chains disagree; below this many effective draws quantiles are rough.
MOST_R_HAT, LEAST_ESS = 1.01, 400

#: From how many draws and how many sweeps between them to what is kept (chains x draws x numbers).
Advance = Callable[[int, int], Floats]


def settle(sweep: Callable[[int], object], sweeps: int) -> None:
    """Sweep without keeping anything, in short pieces: between them Ctrl-C is heard."""
    if not sweeps:
        return
    with ranges.bar(sweeps) as done:
        for start, stop in ranges.spans(sweeps, 10):
            sweep(stop - start)
            done(stop - start)


def sample(
    advance: Advance, law: Callable[[Floats], Chains], draws: int, thin: int | None, first: int, last: int
) -> tuple[Chains, int]:
    """Draw; without `thin`, at a distance that doubles from `first` until the chains agree or `last` is reached."""
    used = thin or first
    kept = _kept(advance, draws, used)
    while True:
        found = law(kept)
        if thin is not None or used >= last or not lacking(found):
            return found, used
        # Twice as long: every second draw so far, and as many new ones at twice the distance.
        used *= 2
        old = kept[:, 1::2]
        kept = np.concatenate([old, _kept(advance, draws - old.shape[1], used)], axis=1)


def _kept(advance: Advance, draws: int, thin: int) -> Floats:
    pieces = []
    with ranges.bar(draws) as done:
        for start, stop in ranges.spans(draws, 10):
            pieces.append(advance(stop - start, thin))
            done(stop - start)
    return np.concatenate(pieces, axis=1)


def diagnose(law: Chains) -> dict[str, float]:
    """Return what is known of a sampler's draws."""
    values = law.values
    return {
        "mean": float(values.mean()),
        "sd": float(values.std(ddof=1)),
        "mcse": law.mcse,
        "r_hat": r_hat(values),
        "ess_bulk": ess_bulk(values),
        "ess_tail": ess_tail(values),
    }


def lacking(law: Chains) -> list[str]:
    """Say what a sampler's draws lack."""
    found = diagnose(law)
    lacks = []
    if found["r_hat"] > MOST_R_HAT:
        lacks.append(f"R-hat is {found['r_hat']:.3f} (1.01 at most)")
    effective = min(found["ess_bulk"], found["ess_tail"])
    if effective < LEAST_ESS:
        lacks.append(f"there are {effective:,.0f} effective draws ({LEAST_ESS} at least)")
    return lacks


def tell(law: Chains, where: str, why: str) -> None:
    """Warn of chains that have not settled; `why` says what that may mean."""
    if lacks := lacking(law):
        warn(
            f"The chains{where} have not settled: {' and '.join(lacks)}. Run longer, with a larger thin= or draws=, and look at "
            f"plot_trace(). {why}",
        )
