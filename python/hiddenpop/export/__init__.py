"""Estimates as rows of the tables that agencies collect, checked against a schema."""

from __future__ import annotations

from .agencies import euda, gam

__all__ = ["euda", "gam"]


def __dir__() -> list[str]:
    return __all__
