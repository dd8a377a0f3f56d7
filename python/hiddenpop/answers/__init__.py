"""What is asked of a sample, and the totals that answer it."""
