"""
Table 1 with small numbers hidden
=================================

Cells of fewer than five, and what else would give them away.
"""

import hiddenpop as hp

interviews = hp.datasets.load("synthetic_opaak")["interviews"]
survey = hp.Survey(interviews, strata="group")
hp.describe(survey, ["housing", "work"], by="city", interval=False, suppress_below=5)
