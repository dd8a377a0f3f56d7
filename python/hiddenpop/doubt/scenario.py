"""Named cases beside one another: what each assumes, what follows, how far that is from the base."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..drawing.estimates import draw
from ..errors import InputError, in_words, listing, suggest
from ..estimate.arithmetic import within
from ..estimate.combine import concat
from ..estimate.estimate import Estimate
from ..ground import checks, notebook
from ..ground.language import number, read, tr
from ..ground.signatures import checked
from ..ground.text import capital
from ..words import methods, printed
from ..words.framed import of_frame
from ..words.table import Table
from ..words.tabled import Tabled
from . import figures

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@checked
@dataclass(frozen=True, eq=False, repr=False)
class Scenarios(Tabled):
    """Estimates under named assumptions; made by `hp.scenarios` and `Sensitivity.scenarios`.

    Attributes
    ----------
    estimates : Estimate
        The results, a label for each scenario, in the order given.
    base : label
        The scenario that the others are compared with.
    given : DataFrame
        The value of each input in each scenario; no columns where none are known.

    See Also
    --------
    scenarios : makes them.
    Sensitivity.scenarios : cases of a study's inputs.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> people = hp.published(16_000, 11_300, 25_200, name="crack")
    >>> cases = hp.scenarios({"as published": people, "register misses 20%": people / 0.8})
    >>> cases.change("register misses 20%")
    register misses 20% − as published: 4,000 (95% interval 2,820 to 6,340)
    """

    estimates: Estimate
    base: Any
    given: pd.DataFrame = field(default_factory=pd.DataFrame)

    @property
    def title(self) -> str:
        """What a report calls them."""
        return tr("{what} under several assumptions", what=read(self.estimates.name))

    def change(self, scenario: Any) -> Estimate:
        """Return the difference of a scenario from the base, draw by draw.

        See Also
        --------
        Scenarios.relative

        Examples
        --------
        >>> import hiddenpop as hp
        >>> people = hp.published(16_000, 11_300, 25_200, name="crack")
        >>> hp.scenarios({"as published": people, "half": people / 2}).change("half").point
        -8000.0
        """
        self._require(scenario)
        return (self.estimates[scenario] - self.estimates[self.base]).rename(f"{scenario} − {self.base}")

    def relative(self, scenario: Any) -> Estimate:
        """Return the ratio of a scenario to the base, draw by draw.

        See Also
        --------
        Scenarios.change

        Examples
        --------
        >>> import hiddenpop as hp
        >>> people = hp.published(16_000, 11_300, 25_200, name="crack")
        >>> hp.scenarios({"as published": people, "half": people / 2}).relative("half").point
        0.5
        """
        self._require(scenario)
        return (self.estimates[scenario] / self.estimates[self.base]).rename(f"{scenario} / {self.base}")

    def summary(self, level: float = 0.95) -> pd.DataFrame:
        """Return a tidy table: one row a scenario.

        Columns: the inputs, estimate, lower, upper, change from the base (a difference) and relative change (a ratio
        less 1).

        See Also
        --------
        Scenarios.plot

        Examples
        --------
        >>> import hiddenpop as hp
        >>> people = hp.published(16_000, 11_300, 25_200, name="crack")
        >>> hp.scenarios({"as published": people, "half": people / 2}).summary()["estimate"].to_list()
        [16000.0, 8000.0]
        """
        numbers = self.estimates.interval(checks.check_level(level))
        point = self.estimates.node.point
        start = float(self.estimates[self.base].node.point[0])
        numbers.insert(0, "estimate", point)
        with np.errstate(divide="ignore", invalid="ignore"):
            relative = np.where(start == 0, np.nan, point / start - 1)
            numbers = numbers.assign(change=point - start, relative=relative)
        given = self.given.rename(columns={c: f"{c} (input)" for c in self.given if c in numbers})
        return pd.concat([given.set_axis(self.estimates.labels), numbers], axis=1) if len(given) else numbers

    def plot(self, *, level: float = 0.95, ax: Axes | None = None) -> Axes:
        """Draw the scenarios under one another with their intervals; the line is the base. Needs matplotlib.

        See Also
        --------
        Scenarios.summary

        Examples
        --------
        >>> import hiddenpop as hp
        >>> people = hp.published(16_000, 11_300, 25_200, name="crack")
        >>> axes = hp.scenarios({"as published": people, "half": people / 2}).plot()
        """
        axes = draw(self.estimates, "interval", level=level, ax=ax)
        figures.compared(axes, self.base, float(self.estimates[self.base].node.point[0]))
        return axes

    def methods(self) -> str:
        """Return sentences for a paper's methods section.

        See Also
        --------
        Estimate.methods

        Examples
        --------
        >>> import hiddenpop as hp
        >>> people = hp.published(16_000, 11_300, 25_200, name="crack")
        >>> text = hp.scenarios({"as published": people, "half": people / 2}).methods()
        """
        said = tr(
            "The scenarios {names} were compared with {base}.",
            names=listing(list(self.estimates.labels)),
            base=in_words(self.base),
        )
        return f"{said} {self.estimates.methods()}"

    def _as_table(self) -> Table:
        est = self.estimates
        changed = "points" if est.quantity == "share" else est.quantity
        units = {"estimate": est.node.units, "change": changed, "relative": "share"}
        return of_frame(capital(est.name), self.summary(), methods.caveats(est.node), units=units)

    def __repr__(self) -> str:
        shown, reasons = self._shown()
        widths = [max(map(len, column)) for column in zip(*shown, strict=True)]
        lines = ["    ".join((row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:]))).rstrip() for row in shown]
        notes = [
            tr("Note: {note}.", note=note.rstrip(".")) for note in (*reasons, *methods.caveats(self.estimates.node))
        ]
        return "\n".join([self.estimates.name, *lines, *notes])

    def _repr_html_(self) -> str:
        (head, *rows), reasons = self._shown()
        shown = pd.DataFrame(rows, columns=pd.Index(head)).set_index("")
        return notebook.show(self.estimates.name, shown, notes=[*reasons, *printed.footnotes(self.estimates.node)])

    def _shown(self) -> tuple[list[tuple[str, ...]], list[str]]:
        """Return the lines of the table as texts, and what must be known to read them."""
        rows, reasons = printed.rows(self.estimates)
        point = self.estimates.node.point
        start = float(self.estimates[self.base].node.point[0])
        shown: list[tuple[str, ...]] = [("", tr("estimate"), tr("95% interval"), tr("change"))]
        for label, row, value in zip(self.estimates.labels, rows, point, strict=True):
            known = np.isfinite(value) and np.isfinite(start) and start != 0
            moved = number(value / start - 1, "+.0%") if known else tr("unknown")
            shown.append((*row, tr("base") if label == self.base else moved))
        return shown, reasons

    def _require(self, scenario: Any) -> None:
        if not checks.among(scenario, self.estimates.labels):
            raise InputError(f"There is no scenario {in_words(scenario)}. {suggest(scenario, self.estimates.labels)}")
        if scenario == self.base:
            raise InputError(f"{in_words(scenario)} is the base itself, so there is no change.")


@checked
def scenarios(estimates: Mapping[Any, Estimate], *, base: Any = None, name: str | None = None) -> Scenarios:
    """Set estimates under different assumptions beside one another.

    Parameters
    ----------
    estimates : mapping of name to Estimate
        A one-label estimate for each scenario.
    base : label, optional
        The scenario that the others are compared with; by default the first.
    name : str, optional
        What is estimated.

    Returns
    -------
    Scenarios
        With `summary`, `change`, `relative` and `plot`. What scenarios share, such as a survey, moves in all of them
        together, so a change can be certain although both sizes are not.

    Raises
    ------
    InputError
        Fewer than two scenarios, an estimate with several labels, different quantities, or an unknown base.

    See Also
    --------
    sensitivity : ranges instead of cases.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> people = hp.published(16_000, 11_300, 25_200, name="crack")
    >>> hp.scenarios({"as published": people, "register misses 20%": people / 0.8}, name="people")
    people
                               estimate        95% interval    change
    as published                 16,000    11,300 to 25,200      base
    register misses 20%          20,000    14,100 to 31,700      +25%
    """
    if not isinstance(estimates, Mapping) or len(estimates) < 2:
        raise InputError("scenarios takes a mapping of two names or more to estimates, such as {'as published': ...}.")
    for title, est in estimates.items():
        if not isinstance(est, Estimate):
            raise InputError(
                f"The estimate of {title!r} is {type(est).__name__}. {within(est)}To set inputs use a study: "
                "hp.sensitivity(...).scenarios({'misses 20%': {'completeness': 0.8}})."
            )
        if not est.scalar:
            raise InputError(f"The estimate of {title!r} has {len(est)} labels; pick one: estimate['label'].")
    known = {est.quantity for est in estimates.values()} - {"other"}
    if len(known) > 1:
        raise InputError(f"Scenarios are of one quantity, and these are {listing(sorted(known))}.")
    chosen = next(iter(estimates)) if base is None else base
    if not isinstance(chosen, Hashable) or chosen not in estimates:
        raise InputError(f"There is no scenario {in_words(base)} to compare with. {suggest(base, estimates)}")
    return Scenarios(concat(estimates, name=name or next(iter(estimates.values())).name), chosen)
