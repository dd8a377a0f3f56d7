"""Fuzzers: programs that try to break the package with what nobody would write.

A short run, always of the same inputs, is part of `make test`. `make fuzz MINUTES=60` gives each fuzzer its share of an hour, with
inputs nobody has tried; what it finds becomes a test with the input written down. Counts stand in docs/reliability.md.
"""
