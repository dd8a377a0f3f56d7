"""
Crude and adjusted odds ratios
==============================

As papers print them.
"""

import hiddenpop as hp

interviews = hp.datasets.load("synthetic_opaak")["interviews"]
survey = hp.Survey(interviews, strata="group")
model = hp.regress(survey, "in_treatment ~ age + group + sex", family="binomial")
model.table(crude=True, test=True)
