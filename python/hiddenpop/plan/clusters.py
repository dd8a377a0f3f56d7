"""What clusters do to a sample: an intraclass correlation and cluster sizes as a design effect."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..errors import InputError
from ..ground import checks
from ..ground.signatures import checked
from . import arguments


@checked
def design_effect(icc: float, cluster_size: float | Sequence[float], *, cv: float | None = None) -> float:
    """Return the design effect of interviewing people in clusters who resemble one another.

    Parameters
    ----------
    icc : float
        Intraclass correlation: the share of the variance that lies between clusters, 0 to 1.
    cluster_size : float or list of float
        Interviews in a cluster, on average; or those expected in each.
    cv : float, optional
        Coefficient of variation of cluster sizes (standard deviation over mean), where only the mean is given; 0 for
        clusters of one size. A list of sizes tells it.

    Returns
    -------
    float
        1 + ((1 + cv²) m - 1) icc, for the mean size m: what `design_effect=` of plans takes.

    Raises
    ------
    InputError
        A correlation that is none, clusters of fewer than one, a `cv` beside a list of sizes.

    Notes
    -----
    Clusters of one size: Kish (1965), 1 + (m - 1) icc. Of several sizes, everybody counting alike: Eldridge, Ashby and Kerry
    (2006, International Journal of Epidemiology 35:1292-1300). Unequal weights add to it.

    See Also
    --------
    proportion, multiplier : plans that take a design effect.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> hp.plan.design_effect(0.25, 9)
    3.0
    >>> round(hp.plan.design_effect(0.05, [10, 30]), 2)
    2.2
    """
    rho = checks.number(icc, "icc")
    if not 0 <= rho <= 1:
        percent = f" If {rho:g} per cent is meant, write {rho / 100:g}." if 1 < rho <= 100 else ""
        raise InputError(
            f"icc={rho:g} must lie between 0 (clusters don't matter) and 1 (all alike in a cluster).{percent}"
        )
    sizes = np.array([checks.positive(one, "cluster_size") for one in arguments.several(cluster_size, "cluster_size")])
    if cv is not None and len(sizes) > 1:
        raise InputError("cv= goes with a mean cluster size; a list of sizes tells how much they vary.")
    if sizes.mean() < 1:
        raise InputError(f"cluster_size={sizes.mean():g} must be one interview in a cluster or more.")
    spread = float(sizes.std() / sizes.mean()) if cv is None else checks.number(cv, "cv")
    if spread < 0:
        raise InputError(f"cv={spread:g} is a standard deviation over a mean, so it can't be negative.")
    return float(1 + ((1 + spread**2) * sizes.mean() - 1) * rho)
