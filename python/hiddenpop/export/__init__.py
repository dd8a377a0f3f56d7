"""Estimates as rows of the tables that agencies collect, checked against a schema."""

from .agencies import euda, gam

__all__ = ["euda", "gam"]
