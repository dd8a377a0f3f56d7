"""
One list: how often each was seen
=================================

Apprehensions of undocumented immigrants in four Dutch cities.
"""

import hiddenpop as hp

register = hp.datasets.load("netherlands_immigrants")["apprehensions"]
axes = hp.CaptureCounts(register, "capture").plot()
