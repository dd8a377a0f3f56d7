"""
Three overlapping lists
=======================

All seven regions, each with its interval.
"""

import hiddenpop as hp

numbers = {"a": 100, "b": 80, "c": 60, "a & b": 20, "a & c": 10, "b & c": 12, "a & b & c": 5}
axes = hp.plot.venn({region: hp.published(n, 0.8 * n, 1.3 * n, name=region) for region, n in numbers.items()})
