"""Populations of which all is known: networks, and samples whose participants recruited one another."""

from __future__ import annotations

from .networks import network, network_from
from .population import Network
from .recruiting import rds

__all__ = ["Network", "network", "network_from", "rds"]


def __dir__() -> list[str]:
    return __all__
