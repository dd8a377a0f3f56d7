"""
A wide table of estimates
=========================

A column for each group.
"""

import hiddenpop as hp

interviews = hp.datasets.load("synthetic_opaak")["interviews"]
survey = hp.Survey(interviews, strata="group")
survey.proportion("in_treatment", by=["city", "group"]).unstack("group")
