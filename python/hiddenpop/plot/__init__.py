"""Figures of a study with matplotlib: readable in grey, without colour alone carrying meaning."""

from .overtime import coverage, sizes

__all__ = ["coverage", "sizes"]
