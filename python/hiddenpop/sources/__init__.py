"""Randomness that no sample holds: uncertain inputs, noise, posteriors, normal draws."""
