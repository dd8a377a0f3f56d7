"""
Two doubts at once
==================

Lines of equal size over two doubts; the heavy one is the published size.
"""

import hiddenpop as hp

people = hp.published(16_000, 11_300, 25_200, name="crack without opioids")
study = hp.sensitivity(
    lambda completeness, foreign: people * (1 - foreign) / completeness, completeness=(0.6, 1), foreign=(0, 0.15)
)
axes = study.contour("completeness", "foreign", published=16_000)
