"""
A reporting checklist, filled
=============================

STROBE, as far as a report can tell; the rest is for its author.
"""

import hiddenpop as hp

survey = hp.Survey(hp.datasets.load("opaak")["treatment"], counts="count", strata="group")
treated = survey.proportion("in_treatment", by="group")
people = hp.multiplier({"opioids": 8126, "crack only": 4912}, treated)
hp.Report("High-risk use of crack and opioids, 2023").add(treated, section="Coverage").checklist("STROBE")
