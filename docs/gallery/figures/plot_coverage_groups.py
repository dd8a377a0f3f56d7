"""
Coverage by two groupings
=========================

Shares by group and country of birth, each with its interval.
"""

import hiddenpop as hp

interviews = hp.datasets.load("synthetic_opaak")["interviews"]
survey = hp.Survey(interviews, strata="group")
axes = hp.plot.coverage(survey.proportion("in_treatment", by=["group", "born"]))
