"""
What lists say of one another
=============================

People on each list, and pairs with odds ratios.
"""

import hiddenpop as hp

cells = hp.datasets.load("kosovo")["overlaps"]
hp.Lists(cells, ["EXH", "ABA", "OSCE", "HRW"], counts="people").describe()
