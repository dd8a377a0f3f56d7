"""The standard normal distribution, imported when it is first needed."""

from __future__ import annotations

import numpy as np

from .. import _core
from .columns import Floats


def cdf(x: float) -> float:
    """Return the share below x."""
    from statistics import NormalDist  # noqa: PLC0415 (importing it costs more than using it)

    return NormalDist().cdf(x)


def quantile(share: float) -> float:
    """Return the value below which a share lies."""
    from statistics import NormalDist  # noqa: PLC0415 (importing it costs more than using it)

    return NormalDist().inv_cdf(share)


#: Beyond this many degrees of freedom t is normal for all that matters.
MANY = 100_000


def t_quantile(share: float, df: Floats) -> Floats:
    """Return quantiles of Student's t above one half, from those of the beta distribution.

    With X from Beta(df / 2, 1 / 2), t^2 = df (1 - X) / X (Johnson, Kotz and Balakrishnan 1995, ch. 28).
    """
    different, place = np.unique(df, return_inverse=True)
    result = []
    for degrees in different:
        if degrees > MANY:
            result.append(_core.input_quantiles("normal", [0.0, 1.0], [share])[0])
        elif not degrees >= 1:
            result.append(np.nan)
        else:
            x = _core.input_quantiles("beta", [degrees / 2, 0.5], [2 * (1 - share)])[0]
            result.append(np.sqrt(degrees * (1 - x) / x))
    return np.array(result)[place]
