"""
How many to interview
=====================

Precision of a multiplier's size against interviews, by design effect.
"""

import hiddenpop as hp

plan = hp.plan.multiplier(benchmark=4_900, share=0.31, relative_precision=0.2, design_effect=2)
axes = plan.plot()
