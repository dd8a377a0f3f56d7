"""
Groups over time
================

Published sizes of two studies, side by side.
"""

import hiddenpop as hp
import pandas as pd

columns = ["group", "estimate", "low", "high"]
then = pd.DataFrame([["opioids", 14_300, 13_400, 16_300], ["crack only", 3_400, 2_900, 4_400]], columns=columns)
now = pd.DataFrame([["opioids", 13_300, 12_600, 14_200], ["crack only", 3_900, 3_300, 4_900]], columns=columns)
hp.trend({2012: then, 2023: now}, by="group").unstack()
