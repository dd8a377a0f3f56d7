"""
Whose uncertainty is it?
========================

Shares of the variance by source: what more interviews would do, and what they would not.
"""

import hiddenpop as hp

survey = hp.Survey(hp.datasets.load("opaak")["treatment"], counts="count", strata="group")
treated = survey.proportion("in_treatment", by="group")
people = hp.multiplier({"opioids": 8126, "crack only": 4912}, treated)
size = people["crack only"] / hp.beta(80, 20, name="completeness")
axes = hp.variance_shares(size).plot()
