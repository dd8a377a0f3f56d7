"""What several imperfect estimates of one quantity say together, and how far they disagree."""
