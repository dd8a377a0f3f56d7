"""Regression on survey data."""
