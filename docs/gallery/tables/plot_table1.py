"""
Table 1
=======

Numbers, shares or means with intervals by group, with tests of the design and missing answers.
"""

import hiddenpop as hp

interviews = hp.datasets.load("synthetic_opaak")["interviews"]
survey = hp.Survey(interviews, strata="group")
hp.describe(survey, ["age", "sex", "housing", "depression"], by="group", test=True, total=True)
