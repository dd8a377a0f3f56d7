"""Replicate weights as statistical agencies publish them beside the answers.

Scales follow what R's `svrepdesign` documents for each method, so that code carries over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..errors import InputError, Refusal, in_words, listing, name_rows, suggest
from ..ground import checks, columns
from ..ground.columns import Floats
from ..ground.language import english
from ..sample import stages
from ..sample.design import Drawn, Multiplicity, names
from ..sample.fieldwork import Drawing
from ..sample.sampling import Sampling
from ..sample.strata import as_sampling
from ..uncertainty.variance_replicates import JACKKNIVES, NAMES, Centre, Matrix, VarianceReplicates, rank, references

#: Why what needs the design declines.
NO_DESIGN = (
    "This needs the design, but this survey's variance comes with its replicate weights. Use those: se(), "
    "interval(method='t')."
)
#: How agencies make replicate weights.
METHODS = ("BRR", "Fay", "JK1", "JK2", "JKn", "SDR", "bootstrap", "other")


@dataclass(frozen=True)
class Declared:
    """What the user says of replicate weights; None where nothing was said."""

    columns: object
    method: str | None
    combined: bool
    scale: float | None
    rscales: float | Sequence[float] | npt.NDArray[Any] | None
    rho: float | None
    centre: str
    df: int | None

    def __post_init__(self) -> None:
        checks.flag(self.combined, "combined_weights")

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns."""
        given = self.columns
        if isinstance(given, (pd.Index, pd.Series)):
            given = given.tolist()  # table.filter(like="rw").columns
        return names(given)

    @property
    def stray(self) -> dict[str, object]:
        """What is said of replicate weights, None where nothing is."""
        said: dict[str, object] = {"replicate_weights": self.columns, "method": self.method, "scale": self.scale}
        return {**said, "rscales": self.rscales, "rho": self.rho, "df": self.df}

    @property
    def given(self) -> bool:
        """Whether there are replicate weights."""
        return self.columns is not None

    def check_alone(self, *, others: Mapping[str, object], weights: str | None) -> None:
        """Refuse what replicate weights stand in for, and what stands alone without them."""
        if not self.given:
            stray = [name for name, value in self.stray.items() if value is not None]
            stray += ["centre"] if self.centre != "estimate" else []
            stray += ["combined_weights"] if not self.combined else []
            if stray:
                raise InputError(
                    f"{stray[0]}= says how replicate weights are used; name their columns, replicate_weights=."
                )
            return
        used = [name for name, value in others.items() if value is not None]
        if used:
            raise InputError(
                f"{used[0]}= and replicate_weights= don't go together: replicate weights hold what strata, clusters and "
                "corrections say about variance, and nothing is redrawn. Give one of them."
            )
        if weights is None and self.combined:
            raise InputError(
                "replicate_weights= need weights=, the column of full-sample weights that the estimates use (or "
                "combined_weights=False if the replicates multiply weights that are all 1)."
            )


@dataclass(frozen=True)
class AgencyReplicates:
    """A design whose variance comes with the table, as replicate weights; strata and clusters are not known."""

    weights: str | None
    declared: Declared

    @property
    def columns(self) -> tuple[str, ...]:
        """The sampling weights."""
        return () if self.weights is None else (self.weights,)

    @property
    def hidden(self) -> dict[str, str]:
        """The replicate weights."""
        return dict.fromkeys(self.declared.names, "replicate weights")

    @property
    def fixed(self) -> tuple[str, ...]:
        """Nothing."""
        return ()

    @property
    def collapses(self) -> bool:
        """Never: people differ in their replicate weights."""
        return False

    @property
    def fingerprint(self) -> tuple[str, ...]:
        """The weights; replicate weights are columns of the table."""
        return ("clusters=", f"weights={self.weights}", "fpc=None", "counts=None")

    def frequencies(self, frame: pd.DataFrame) -> Multiplicity:
        """Return one for each row, a participant, and none where the weight is zero."""
        return stages.counted(frame, self.weights)

    def read(self, frame: pd.DataFrame, multiplicity: Multiplicity) -> Drawn:
        """Read the weights and the replicate weights."""
        given = take(frame, self.declared)
        found = stages.rescaled(
            frame,
            np.zeros(len(frame), dtype=np.int64),
            ["all"],
            clusters=(),
            weights=self.weights,
            fpc=(),
            lonely="certainty",
            nest=False,
        )
        sampling = replace(
            as_sampling(found.core, found.strata), linear=Refusal(NO_DESIGN), deletable=Refusal(NO_DESIGN, InputError)
        )
        made = replicates(self.declared, given, sampling)
        drawing = Drawing(
            strata=(),
            sizes=(("all", int(multiplicity.sum())),),
            counts=None,
            kinds=None,
            weights=self.weights,
            units=found.clusters,
            variance=made.words,
            cited=made.references,
        )
        return Drawn(
            sampling, drawing, df=made.df, independent=False, weighted=self.weights is not None, replicates=made
        )


def take(frame: pd.DataFrame, declared: Declared) -> Floats:
    """Return the replicate weights of a table (replicates x rows)."""
    names = list(declared.names)
    if len(names) < 2:
        raise InputError(f"{len(names)} column of replicate weights says nothing about variance; name all of them.")
    lacking = [name for name in names if name not in frame.columns]
    if lacking:
        near = suggest(lacking[0], frame.columns)
        raise InputError(f"The table has no column {listing(lacking)} of replicate weights. {near}")
    weights = np.empty((len(names), len(frame)))
    for row, name in zip(weights, names, strict=True):
        values = columns.numbers(frame[name], what="replicate weights")
        bad = np.isnan(values)
        if bad.any():
            raise InputError(f"Replicate weights in column {name!r} are missing in {name_rows(bad)}.")
        # The American Community Survey's successive differences go below zero, by design.
        if (values < 0).any() and declared.method != "SDR":
            raise InputError(
                f"Replicate weights in column {name!r} are negative in {name_rows(values < 0)}. Only successive "
                "differences (method='SDR') may be."
            )
        if not values.any():
            raise InputError(f"Replicate weights in column {name!r} are all zero, so this replicate has no sample.")
        row[:] = values
    return weights


def replicates(declared: Declared, weights: Floats, sampling: Sampling) -> VarianceReplicates:
    """Return what measures the variance of a survey with replicate weights."""
    method = check_method(declared.method, METHODS)
    count = len(weights)
    rho = check_rho(method, declared.rho)
    if declared.centre not in get_args(Centre):
        raise InputError(f"centre={in_words(declared.centre)} must be 'estimate' or 'mean'.")
    scale = _scale(declared, method, count, rho)
    rscales = _rscales(declared, method, count)
    df = declared.df
    if df is None:
        base = np.ones(weights.shape[1]) if sampling.row_weight is None else sampling.row_weight
        df = rank(weights if declared.combined else weights * base) - 1
    else:
        df = checks.whole(df, "df", 1)
    if df < 1:
        raise InputError("All columns of replicate weights are proportional to one another, so they show no variation.")
    how = english("{method}, rho {rho:g}", method=NAMES[method], rho=rho) if method == "Fay" else NAMES[method]
    words = english("{count:,} replicate weights by {method}, scale {scale:.4g}", count=count, method=how, scale=scale)
    if np.ptp(rscales) != 0:
        words = english("{replicates} and a factor for each", replicates=words)
    return VarianceReplicates(
        method,
        Matrix(sampling, weights, whole=declared.combined),
        scale * rscales,
        "mean" if declared.centre == "mean" else "estimate",
        int(df),
        words if declared.centre != "mean" else english("{replicates}, about their mean", replicates=words),
        np.ones(count),
        references(method),
        agency=True,
        smooth_only=method in JACKKNIVES,
    )


def check_method(method: object, known: Sequence[str]) -> str:
    """Return the name of a method, or name the nearest one."""
    if method in known:
        return str(method)
    if method is None:
        raise InputError(f"Say how the replicate weights were made: method= one of {', '.join(map(repr, known))}.")
    elsewhere = {"acs": "SDR", "successive-difference": "SDR", "jackknife": "JKn", "balanced": "BRR"}
    lower = str(method).lower()
    meant = next((name for name in known if name.lower() == lower), elsewhere.get(lower))
    near = f"Did you mean '{meant}'?" if meant else suggest(method, known)
    raise InputError(f"method={method!r} is not one of {', '.join(map(repr, known))}. {near}")


def check_rho(method: str, rho: float | None) -> float:
    """Return the shrinkage of Fay's method; 0 for others."""
    if method != "Fay":
        if rho is not None:
            raise InputError(f"rho= belongs to method='Fay', not to {method!r}.")
        return 0.0
    if rho is None:
        raise InputError("method='Fay' needs rho=, how far the weights are shrunk (often 0.5).")
    if not 0 <= checks.real(rho) < 1:
        raise InputError(f"rho={in_words(rho)} must lie in 0 to 1, below 1.")
    return float(rho)


def _scale(declared: Declared, method: str, count: int, rho: float) -> float:
    if declared.scale is not None:
        return checks.positive(declared.scale, "scale")
    if method == "other":
        raise InputError(
            "method='other' needs scale= and rscales=: what the squares of the replicates are multiplied by."
        )
    defaults = {
        "BRR": 1 / count,
        "Fay": 1 / (count * (1 - rho) ** 2),
        "JK1": (count - 1) / count,
        "SDR": 4 / count,
        "bootstrap": 1 / (count - 1),
    }
    return defaults.get(method, 1.0)


def _rscales(declared: Declared, method: str, count: int) -> Floats:
    if declared.rscales is None:
        if method in ("JKn", "other"):
            raise InputError(
                f"method={method!r} needs rscales=, a factor for each replicate"
                + (" ((n_h - 1)/n_h for a stratum of n_h clusters)." if method == "JKn" else ", or one for all.")
            )
        return np.ones(count)
    if isinstance(declared.rscales, pd.Series) and not isinstance(declared.rscales.index, pd.RangeIndex):
        named = columns.matched(declared.rscales, pd.Index(declared.names), "rscales=")
        return _rscales(replace(declared, rscales=named.to_numpy()), method, count)
    try:
        values = np.asarray(declared.rscales, dtype=float)
    except (TypeError, ValueError):
        raise InputError("rscales= must be a number, or one for each replicate.") from None
    if values.ndim > 1 or (values.ndim == 1 and len(values) != count):
        raise InputError(f"rscales= holds {values.size} numbers, but there are {count} columns of replicate weights.")
    values = np.broadcast_to(values, (count,)).copy()
    if not (np.isfinite(values).all() and (values >= 0).all() and values.any()):
        raise InputError("rscales= must be numbers of zero or more, not all zero.")
    return values
