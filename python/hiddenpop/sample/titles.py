"""How readers are told of a column: the one place where tables, figures and models look up what to call it."""

from __future__ import annotations

from collections.abc import Mapping

from .sample import Sample


def title_of(sample: Sample, name: str, labels: Mapping[str, str] | None = None) -> str:
    """Return a column's label: the user's, that of the SPSS or Stata file, or its name."""
    from_file = sample.units.attrs.get("labels", {})
    given = (labels or {}).get(name) or (from_file.get(name) if isinstance(from_file, Mapping) else None)
    return str(given or name)
