"""`hiddenpop explore`: the package in a browser, for analysts who don't code. Nothing is computed here.

What was chosen (`choices`) is written as Python that calls public functions (`writing`), and that very Python is run (`runner`), in
a process of each browser window's own (`room`); the page (`page`, `session`) shows what came out beside it.
"""
