"""
Do chains agree?
================

The estimate in each chain of recruitment: chains that stay apart show a bottleneck.
"""

import hiddenpop as hp

network = hp.simulate.network(1_500, {"hiv": 0.2}, mean_degree=8, homophily=1.5, seed=1)
recruits = hp.simulate.rds(network, n=200, seeds=6, seed=2)
columns = {"id": "id", "recruiter": "recruiter", "degree": "degree"}
survey = hp.Survey.rds(recruits, **columns, population=1_500, homophily_on="hiv")
axes = survey.bottleneck("hiv").plot()
