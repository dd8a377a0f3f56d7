"""The explorer: what was chosen becomes Python, and that Python is what is shown."""
