"""
How long lists must be
======================

Precision of a size from two lists.
"""

import hiddenpop as hp

axes = hp.plan.capture(4_000, relative_precision=0.25).plot()
