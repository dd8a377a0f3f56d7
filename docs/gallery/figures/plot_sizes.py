"""
Sizes with their intervals
==========================

A register divided by the share of interviews that is in it: OPAAK 2023, from its published summary.
"""

import hiddenpop as hp

survey = hp.Survey(hp.datasets.load("opaak")["treatment"], counts="count", strata="group")
treated = survey.proportion("in_treatment", by="group")
people = hp.multiplier({"opioids": 8126, "crack only": 4912}, treated)
axes = people.plot()
