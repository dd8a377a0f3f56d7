"""
A forest plot of odds ratios
============================

Crude and adjusted, from a regression with the variances of the design.
"""

import hiddenpop as hp

interviews = hp.datasets.load("synthetic_opaak")["interviews"]
survey = hp.Survey(interviews, strata="group")
model = hp.regress(survey, "in_treatment ~ age + group + sex", family="binomial")
axes = model.plot(crude=True)
