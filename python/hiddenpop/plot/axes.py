"""What all figures share: axes to draw on, colours, formats. Readable in grey; colour alone carries no meaning."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import InputError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ..estimate import Estimate

#: Dark enough for print, distinguishable without colour vision (Okabe and Ito 2008).
COLOUR = "#0072B2"


def axes_for(ax: Axes | None, rows: int) -> Axes:
    """Return the axes given, or new ones high enough for some rows."""
    if ax is not None:
        return ax
    try:
        from matplotlib import pyplot  # noqa: PLC0415 (only when something is plotted)
    except ImportError as error:
        raise InputError("Plotting needs matplotlib: pip install 'hiddenpop[plot]'.") from error
    _, axes = pyplot.subplots(figsize=(7, 1.4 + 0.5 * rows), layout="constrained")
    return axes


def across(ax: Axes | None) -> Axes:
    """Return axes for a figure over time."""
    return axes_for(ax, 5)


def upright(est: Estimate, axes: Axes) -> None:
    """Finish a figure whose values stand upright."""
    from matplotlib.ticker import FuncFormatter, PercentFormatter  # noqa: PLC0415

    if est.node.quantity == "share":
        axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    elif est.node.quantity == "size":
        axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:,.0f}"))
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.grid(axis="y", alpha=0.3)


def label_of(label: object) -> str:
    """Write a label of one or several levels."""
    return ", ".join(map(str, label)) if isinstance(label, tuple) else str(label)
