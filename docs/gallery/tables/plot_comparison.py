"""
Groups against each other
=========================

Differences and ratios of the mean, with intervals.
"""

import hiddenpop as hp

interviews = hp.datasets.load("synthetic_opaak")["interviews"]
survey = hp.Survey(interviews, strata="group")
hp.compare(survey, "age", by="group").summary()
