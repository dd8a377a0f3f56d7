"""
A smooth trend with its band
============================

A random walk through five studies, and two years beyond.
"""

import hiddenpop as hp

studies = {
    2008: (9_000, 7_500, 11_000),
    2012: (9_800, 8_600, 11_500),
    2016: (9_400, 8_300, 10_900),
    2019: (8_100, 7_300, 9_300),
}
trend = hp.trend({year: hp.published(*size, name=str(year)) for year, size in studies.items()})
axes = trend.smooth(at=range(2008, 2022), prior=0.05).plot()
