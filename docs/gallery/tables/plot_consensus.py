"""
Sources and their consensus
===========================

Several methods, their weights, and whether they conflict.
"""

import hiddenpop as hp

sources = {"multiplier": hp.published(16_000, 11_300, 25_200), "lists": hp.published(13_000, 10_000, 17_500)}
hp.triangulate(sources, method="fixed")
