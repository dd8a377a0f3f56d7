"""Registers as they are kept, a row a visit or a spell: how many people they held in a period."""
