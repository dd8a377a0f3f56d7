"""
A cross-table with its test
===========================

Participants, shares of the column, intervals, and Rao and Scott's F.
"""

import hiddenpop as hp

interviews = hp.datasets.load("synthetic_opaak")["interviews"]
survey = hp.Survey(interviews, strata="group")
hp.crosstab(survey, "housing", "group")
