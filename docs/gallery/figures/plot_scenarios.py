"""
Named scenarios
===============

Cases under one another, each with its interval.
"""

import hiddenpop as hp

people = hp.published(16_000, 11_300, 25_200, name="crack")
cases = {"as published": people, "register misses 20%": people / 0.8, "a tenth lives elsewhere": people * 0.9}
axes = hp.scenarios(cases).plot()
