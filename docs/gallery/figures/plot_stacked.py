"""
Stacked shares by group
=======================

Where people live, by group.
"""

import hiddenpop as hp

interviews = hp.datasets.load("synthetic_opaak")["interviews"]
survey = hp.Survey(interviews, strata="group")
axes = hp.plot.stacked(survey, "housing", by="group")
