"""Estimates: the value with verbs, and a file for each of its behaviours."""
