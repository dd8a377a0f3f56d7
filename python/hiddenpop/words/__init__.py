"""How a number reads: sentences, references, printed tables."""
