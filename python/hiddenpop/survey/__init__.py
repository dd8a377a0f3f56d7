"""Surveys: a sample with verbs, and where surveys come from."""
