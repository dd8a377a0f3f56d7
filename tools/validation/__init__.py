"""Validation by simulation with known truth.

`simulate` makes limits of intervals, `assess` compares them with the truth, `report` writes a page of the docs. Each
family of scenarios has a file (and one for what its page says in words): `intervals` and `designs`. A new family
makes a `report.Family` and adds itself to the table in tools/validate.py.
"""
