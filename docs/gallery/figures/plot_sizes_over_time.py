"""
Sizes over time, with what can not be compared
==============================================

Published sizes of two studies each; the reason why they are no trend stands on the figure.
"""

import hiddenpop as hp


def published(figures):
    return {year: hp.published(*numbers, name=str(year)) for year, numbers in figures.items()}


why = "recruitment and estimation method changed"
opioids = hp.trend(
    published({2012: (14_300, 13_400, 16_300), 2023: (13_300, 12_600, 14_200)}), comparable=False, why=why
)
crack = hp.trend(published({2008: (12_400, 10_300, 15_600), 2023: (16_000, 11_300, 25_200)}), comparable=False, why=why)
axes = hp.plot.sizes({"opioids": opioids, "crack without opioids": crack, "both": {2023: 11_900}})
