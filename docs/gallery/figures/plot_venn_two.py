"""
Two overlapping groups
======================

Circles in proportion to sizes, one of them with its interval.
"""

import hiddenpop as hp

axes = hp.plot.venn({"opioids": 1_400, "crack": hp.published(16_000, 11_300, 25_200), "opioids & crack": 11_900})
