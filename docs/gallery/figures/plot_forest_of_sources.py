"""
Several estimates of one population
===================================

The forest plot of a synthesis: sources, consensus, and what is to be known of it.
"""

import hiddenpop as hp

sources = {
    "multiplier": hp.published(16_000, 11_300, 25_200),
    "capture-recapture": hp.published(13_000, 10_000, 17_500),
    "one list": hp.published(18_000, 12_000, 29_000),
}
axes = hp.triangulate(sources, method="fixed").plot()
