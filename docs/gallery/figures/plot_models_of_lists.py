"""
All log-linear models, ranked
=============================

What each model of the overlap says: models that fit alike may disagree.
"""

import hiddenpop as hp

cells = hp.datasets.load("kosovo")["overlaps"]
lists = hp.Lists(cells, ["EXH", "ABA", "OSCE", "HRW"], counts="people")
axes = hp.loglinear(lists).plot()
