"""Figures with matplotlib: readable in grey, without colour alone carrying meaning."""
