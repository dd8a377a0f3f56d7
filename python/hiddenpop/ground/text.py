"""How labels and sentences are written, in tables, figures and files."""

from __future__ import annotations


def label_of(label: object) -> str:
    """Write a label of one or several levels."""
    return ", ".join(map(str, label)) if isinstance(label, tuple) else str(label)


def capital(text: str) -> str:
    """Begin a text with a capital letter; the rest stays as it is."""
    return text[:1].upper() + text[1:]
