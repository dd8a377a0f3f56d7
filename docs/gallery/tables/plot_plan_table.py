"""
Interviews over shares and design effects
=========================================

The table of a plan.
"""

import hiddenpop as hp

plan = hp.plan.multiplier(benchmark=4_900, share=0.31, relative_precision=0.2, design_effect=2)
plan.summary()
