"""One register and how often it saw each person: zero-truncated counts, Chao, Zelterman."""
