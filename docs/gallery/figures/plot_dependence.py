"""
Two lists that depend on one another
====================================

What the size would be if being on one list changed the odds of being on the other.
"""

import hiddenpop as hp

overlap = {"treatment": [1, 0, 1], "police": [0, 1, 1], "people": [250, 190, 60]}
lists = hp.Lists(overlap, ["treatment", "police"], counts="people")
axes = hp.dependence(lists, (0.5, 2)).plot()
