"""The multiplier method: a register's count divided by the share of a survey that is in it."""
