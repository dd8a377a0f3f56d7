"""
A trend
=======

Two comparable studies with their intervals.
"""

import hiddenpop as hp

trend = hp.trend({2012: hp.published(14_300, 13_400, 16_300), 2023: hp.published(13_300, 12_600, 14_200)})
axes = trend.plot()
