"""
Power to find a difference
==========================

Power against interviews in a group.
"""

import hiddenpop as hp

axes = hp.plan.compare((0.31, 0.61), power=0.8, design_effect=2).plot()
