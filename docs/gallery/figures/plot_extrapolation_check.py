"""
Is the extrapolation any good?
==============================

Each city predicted from the others, beside what it found itself.
"""

import hiddenpop as hp
import pandas as pd

names = ["Rotterdam", "Utrecht", "Almere", "Ede"]
population, treated = [650_000, 360_000, 240_000, 120_000], [600, 250, 130, 80]
areas = pd.DataFrame({"population": population, "treated": treated}, index=names)
sizes = {
    "Rotterdam": hp.published(1_900, 1_500, 2_500),
    "Utrecht": hp.published(700, 550, 950),
    "Almere": hp.published(420, 300, 600),
}
found = hp.extrapolate(sizes, areas, method="ratio", between=0.2)
axes = found.plot("check")
