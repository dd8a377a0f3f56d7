"""
What share the register reaches
===============================

Coverage of treatment by group, now and before.
"""

import hiddenpop as hp

survey = hp.Survey(hp.datasets.load("opaak")["treatment"], counts="count", strata="group")
treated = survey.proportion("in_treatment", by="group")
people = hp.multiplier({"opioids": 8126, "crack only": 4912}, treated)
axes = hp.plot.coverage(
    {
        "opioids": {2012: 0.792, 2023: treated["opioids"]},
        "crack without opioids": {2008: 0.410, 2023: treated["crack only"]},
    }
)
