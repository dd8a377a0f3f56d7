"""
Sizes
=====

An estimate in a notebook is a table.
"""

import hiddenpop as hp

survey = hp.Survey(hp.datasets.load("opaak")["treatment"], counts="count", strata="group")
treated = survey.proportion("in_treatment", by="group")
people = hp.multiplier({"opioids": 8126, "crack only": 4912}, treated)
people
