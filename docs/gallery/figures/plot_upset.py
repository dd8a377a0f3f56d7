"""
Many lists: an UpSet plot
=========================

How many people are on which lists: four lists of people killed in Kosovo.
"""

import hiddenpop as hp

cells = hp.datasets.load("kosovo")["overlaps"]
axes = hp.Lists(cells, ["EXH", "ABA", "OSCE", "HRW"], counts="people").plot()
