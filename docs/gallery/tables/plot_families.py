"""
Families of counts, side by side
================================

Families that fit alike give sizes that differ by a factor of five.
"""

import warnings

import hiddenpop as hp

register = hp.datasets.load("netherlands_immigrants")["apprehensions"]
with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # what it warns of is what the table shows
    table = hp.compare_families(hp.CaptureCounts(register, "capture"))
table[["size", "lower", "upper", "AIC", "status"]].round(1)
