"""The standard normal distribution, imported when it is first needed."""

from __future__ import annotations


def cdf(x: float) -> float:
    """Return the share below x."""
    from statistics import NormalDist  # noqa: PLC0415 (importing it costs more than using it)

    return NormalDist().cdf(x)


def quantile(share: float) -> float:
    """Return the value below which a share lies."""
    from statistics import NormalDist  # noqa: PLC0415

    return NormalDist().inv_cdf(share)
