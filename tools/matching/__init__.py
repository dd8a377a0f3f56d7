"""Our numbers beside those of other software, as the tests have them: what docs/does_it_match.md is made of."""
