"""Populations of which all is known: networks, and samples whose participants recruited one another.

See Also
--------
hiddenpop.plan : how many to recruit.

Examples
--------
>>> import hiddenpop as hp
>>> network = hp.simulate.network(500, {"hiv": 0.2}, mean_degree=8, seed=1)
>>> len(hp.simulate.rds(network, n=100, seeds=5, seed=2))
100
"""

from __future__ import annotations

from .networks import network, network_from
from .population import Network
from .recruiting import rds

__all__ = ["Network", "network", "network_from", "rds"]


def __dir__() -> list[str]:
    return __all__
