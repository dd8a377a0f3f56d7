"""
Does the model fit? A hanging rootogram
=======================================

Bars hang from the fitted curve and should end near zero: too many people were seen just once.
"""

import hiddenpop as hp

register = hp.datasets.load("netherlands_immigrants")["apprehensions"]
counts = hp.CaptureCounts(register, "capture")
axes = hp.zero_truncated(counts, "~ gender + age").plot()
