"""Capture-recapture: the size of a population from lists that overlap.

`lists` holds the data, `estimator` what all estimates of lists share, and each family of methods has a
module: `two_lists`, `loglinear`, `heterogeneity`, `coverage`, `sparse`.
"""
