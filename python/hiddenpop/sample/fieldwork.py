"""Samples of fieldwork: simple, in strata, in clusters, with weights and finite population corrections, or as counts.

`Fieldwork` is what the keywords of `Survey` say; `Drawing` is what came of it with a table, in words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import get_args

import numpy as np
import pandas as pd

from ..errors import InputError, name_rows
from ..ground import checks, columns, grouping
from ..ground.bibliography import BIBLIOGRAPHY
from ..ground.columns import Codes, Floats
from ..ground.language import english, read, tr
from ..ground.text import capital
from . import stages
from .design import CALIBRATION, Drawn, Multiplicity
from .sampling import Redraws
from .strata import LONELY_WORDS, Lonely, as_sampling, resampled

#: Numbers up to this are whole in a float; beyond, counts would be rounded and then run over.
MOST_COUNTED = 2**53


@dataclass(frozen=True)
class Fieldwork:
    """The design that the keywords of `Survey` say."""

    strata: tuple[str, ...] = ()
    clusters: tuple[str, ...] = ()
    weights: str | None = None
    fpc: tuple[str, ...] = ()
    counts: str | None = None
    lonely: Lonely = "error"
    nest: bool = False
    redraws: Redraws = "resample"

    def __post_init__(self) -> None:
        checks.flag(self.nest, "nest")
        if self.redraws not in get_args(Redraws):
            raise InputError(f"redraws={self.redraws!r} must be 'resample' or 'bayesian'.")
        if self.lonely not in get_args(Lonely):
            raise InputError(f"lonely={self.lonely!r} must be one of {', '.join(map(repr, get_args(Lonely)))}.")
        if self.lonely == "participants" and not self.clusters:
            raise InputError(
                "lonely='participants' samples inside clusters that were taken for certain, but no clusters= are named: "
                "participants are the units already."
            )
        if self.rescaled and self.counts is not None:
            raise InputError(
                "counts= are frequencies of identical participants and don't go with weights, clusters or fpc: "
                "expand the table to a row per participant."
            )

    @property
    def rescaled(self) -> bool:
        """Whether there are weights, clusters or corrections, so that redraws are rescaled."""
        by_lonely = self.counts is None and self.lonely in LONELY_WORDS
        return bool(self.clusters) or self.weights is not None or bool(self.fpc) or by_lonely

    @property
    def columns(self) -> tuple[str, ...]:
        """Clusters, weights and corrections; strata are answers as well."""
        return (*self.clusters, *((self.weights,) if self.weights else ()), *self.fpc)

    @property
    def hidden(self) -> dict[str, str]:
        """The frequencies."""
        return {} if self.counts is None else {self.counts: "the counts of this table"}

    @property
    def fixed(self) -> tuple[str, ...]:
        """The strata, whose names and sizes are told."""
        return self.strata

    @property
    def collapses(self) -> bool:
        """Whether nothing but strata tells people apart."""
        return not self.rescaled and self.counts is None

    @property
    def fingerprint(self) -> tuple[str, ...]:
        """Strata and counts, and what else there is."""
        bayesian = ("bayesian",) if self.redraws == "bayesian" else ()
        complex_design = (
            (f"clusters={','.join(self.clusters)}", f"weights={self.weights}", f"fpc={','.join(self.fpc) or None}")
            if self.rescaled
            else ()
        )
        nest = ("nest",) if self.nest else ()
        # Other redraws of the same rows than without: not joint with those.
        inside = ("participants",) if self.lonely == "participants" else ()
        return (*self.strata, *complex_design, *bayesian, *nest, *inside, f"counts={self.counts}")

    def frequencies(self, frame: pd.DataFrame) -> Multiplicity:
        """Return how many participants each row stands for: none where its weight is zero."""
        return stages.counted(frame, self.weights) if self.counts is None else frequencies(frame, self.counts)

    def read(self, frame: pd.DataFrame, multiplicity: Multiplicity) -> Drawn:
        """Read strata, clusters, weights and corrections."""
        stratum, strata_names = strata(frame, self.strata)
        sizes = np.bincount(stratum, weights=multiplicity.astype(float), minlength=len(strata_names)).astype(float)
        read: stages.Read | None = None
        if self.rescaled:
            read = stages.rescaled(
                frame,
                stratum,
                strata_names,
                clusters=self.clusters,
                weights=self.weights,
                fpc=self.fpc,
                lonely=self.lonely,
                nest=self.nest,
                redraws=self.redraws,
            )
            core, units = read.core, read.strata
        else:
            check_sizes(self.strata, strata_names, sizes)
            core, units = resampled(stratum, strata_names, multiplicity, self.redraws)
        sampling = as_sampling(core, units)
        labels = frame.attrs.get("labels", {})
        called = labels if isinstance(labels, Mapping) else {}
        description = Drawing(
            strata=tuple(called.get(name, name) for name in self.strata),
            sizes=tuple((n, int(s)) for n, s in zip(strata_names, sizes, strict=True) if s),
            counts=self.counts,
            kinds=sampling.drawn if core.by_kind and read is None else None,
            clusters=tuple(called.get(name, name) for name in self.clusters),
            weights=self.weights,
            fpc=self.fpc,
            bayesian=self.redraws == "bayesian",
            units=read and read.clusters,
            alone=tuple(units.names[h] for h in units.alone) if read else (),
            lonely=self.lonely,
            inside=read.inside if read else (),
            sized=read is not None and read.sized,
            stages=len(units.stages),
            variance=LONELY_WORDS.get(units.adjusted or ""),
            cited=(BIBLIOGRAPHY["Binder 1983"], BIBLIOGRAPHY["Lumley 2010"]) if units.adjusted else (),
        )
        return Drawn(
            sampling,
            description,
            df=units.df if self.rescaled else None,
            independent=not self.rescaled,
            weighted=self.weights is not None or description.sized,
            replicates=None,
        )


def check_only_design(keywords: Mapping[str, object]) -> None:
    """Refuse keywords beside the design that stands in for them, unless they say what is so anyway."""
    plain = {"lonely": "error", "nest": False, "redraws": "resample"}
    given = [name for name, value in keywords.items() if value is not None and value != plain.get(name)]
    if given:
        raise InputError(f"{given[0]}= and design= don't go together: the design says how people were sampled.")


@dataclass(frozen=True)
class Drawing:
    """How a sample was drawn, and what a replicate does with it.

    Attributes
    ----------
    strata : tuple of str
        Columns whose values split the sample into strata; empty for a simple sample.
    sizes : tuple of (str, int)
        Name and participants of each stratum.
    counts : str or None
        The column of frequencies, when the survey is a table of kinds of people.
    kinds : int or None
        How many kinds of identical rows are redrawn as counts; None when rows are drawn.
    clusters : tuple of str
        Columns of the clusters, first stage first.
    weights : str or None
        Column of the sampling weights.
    fpc : tuple of str
        Columns of the finite population corrections, first stage first.
    bayesian : bool
        Whether replicates spread weights at random in place of redrawing.
    units : int or None
        How many clusters (or participants) of the first stage there are that anybody stands for, in a design with weights,
        clusters or fpc; None without.
    inside : tuple of str
        Names of the clusters that were taken for certain and sampled inside.
    """

    strata: tuple[str, ...]
    sizes: tuple[tuple[str, int], ...]
    counts: str | None
    kinds: int | None
    clusters: tuple[str, ...] = ()
    weights: str | None = None
    fpc: tuple[str, ...] = ()
    bayesian: bool = False
    units: int | None = None
    #: Names of strata with a single cluster that chance chose, and what is done about them.
    alone: tuple[str, ...] = ()
    lonely: str = "error"
    inside: tuple[str, ...] = ()
    #: Whether weights come from the population sizes of `fpc`.
    sized: bool = False
    #: How many stages are redrawn.
    stages: int = 1
    #: How weights are calibrated, in words.
    calibration: str | None = None
    #: What measures variance, in words, where redraws do not; and what to cite for it.
    variance: str | None = None
    cited: tuple[str, ...] = ()

    @property
    def participants(self) -> int:
        """All participants."""
        return sum(size for _, size in self.sizes)

    @property
    def sentence(self) -> str:
        """The design in words for a methods section."""
        text = english("a sample of {count:,} participants", count=self.participants)
        if self.clusters:
            columns = ", ".join(self.clusters[:1])
            text = english(
                "{sample} in {count:,} clusters by {columns}", sample=text, count=self.units, columns=columns
            )
        if len(self.clusters) > 1:
            text = english("{sample}, then by {columns}", sample=text, columns=" and ".join(self.clusters[1:]))
        if self.strata:
            sizes = ", ".join(f"{name}: {size:,}" for name, size in self.sizes[:8])
            text = english(
                "{sample} in {count} strata by {columns} ({sizes})",
                sample=text,
                count=len(self.sizes),
                columns=" and ".join(self.strata),
                sizes=sizes + (", ..." if len(self.sizes) > 8 else ""),
            )
        if self.weights:
            text = english("{sample}, weighted by {weights}", sample=text, weights=self.weights)
        if self.fpc:
            text = self._corrected(text)
        if self.alone:
            text = self._with_alone(text)
        if self.inside:
            text = english(
                "{sample}, {clusters} taken for certain and sampled inside ({names})",
                sample=text,
                clusters=english("1 cluster")
                if len(self.inside) == 1
                else english("{count} clusters", count=len(self.inside)),
                names=", ".join(self.inside[:6]) + (", ..." if len(self.inside) > 6 else ""),
            )
        if self.calibration:
            again = "{sample}, {calibration}, again in every replicate"  # marked in design.py
            text = again.format(sample=text, calibration=self.calibration)
        if not (self.clusters or self.strata or self.weights or self.fpc):
            text = english("{sample}, treated as a simple random sample", sample=text)
        return text

    def _corrected(self, text: str) -> str:
        columns = " and ".join(self.fpc)
        if len(self.fpc) == 1:
            text = english("{sample}, with a finite population correction by {columns}", sample=text, columns=columns)
        else:
            text = english("{sample}, with finite population corrections by {columns}", sample=text, columns=columns)
        return english("{sample}, from which its weights come", sample=text) if self.sized else text

    def _with_alone(self, text: str) -> str:
        """Say what is done about strata with a single cluster or participant."""
        fields = {
            "sample": text,
            "count": len(self.alone),
            "strata": english("stratum") if len(self.alone) == 1 else english("strata"),
            "unit": english("cluster") if self.clusters else english("participant"),
            "names": ", ".join(self.alone[:6]) + (", ..." if len(self.alone) > 6 else ""),
        }
        if self.lonely == "certainty":
            return english("{sample}, {count} {strata} with a single {unit} ({names}) taken for certain", **fields)
        return english(
            "{sample}, {count} {strata} with a single {unit} ({names}) by lonely='{option}'",
            option=self.lonely,
            **fields,
        )

    @property
    def redraws(self) -> str:
        """What a replicate does, or what else measures variance, in words."""
        if self.variance is not None:
            return self.variance
        what = english("clusters") if self.clusters else english("participants")
        below = (
            english("clusters by {column}", column=self.clusters[1])
            if len(self.clusters) > 1
            else english("participants")
        )
        all_inside = bool(self.inside) and len(self.inside) == self.units

        def within(text: str) -> str:
            if all_inside:
                return english("{what} within each cluster", what=text)
            if self.strata:
                text = english("{what} within each stratum", what=text)
            if self.inside:
                text = english("{what} (of the {units} within each cluster taken for certain)", what=text, units=below)
            return text

        if self.bayesian:
            spread = english("spreading the weight of the {units} at random", units=below if all_inside else what)
            return english("{what} (the Bayesian bootstrap, Rubin 1981)", what=within(spread))
        if self.units is None:
            return within(english("redrawing with replacement as many participants as there were"))
        units = within(below if all_inside else what)
        if self.stages > 1:
            return english(
                "redrawing with replacement, stage by stage, all but one of the {units} and rescaling the weights (Rao and Wu 1988)",
                units=units,
            )
        return english(
            "redrawing with replacement all but one of the {units} and rescaling the weights (Rao and Wu 1988)",
            units=units,
        )

    @property
    def references(self) -> tuple[str, ...]:
        """What to cite for the redraws (variance replicates bring their own), and for calibration."""
        return (*self._measured_by, *((CALIBRATION,) if self.calibration else ()))

    @property
    def _measured_by(self) -> tuple[str, ...]:
        if self.variance is not None:
            return self.cited
        if self.bayesian:
            return (BIBLIOGRAPHY["Rubin 1981"],)
        if self.units is None:
            return (BIBLIOGRAPHY["Efron 1979"],)
        stages = ("Rao, Wu and Yue 1992",) if self.stages > 1 else ()
        return tuple(BIBLIOGRAPHY[key] for key in ("Rao and Wu 1988", *stages))

    def calibrated(self, words: str) -> Drawing:
        """Return the description of the same sample with calibrated weights."""
        return replace(self, calibration=words)

    def measured(self, words: str, references: tuple[str, ...]) -> Drawing:
        """Return the description of the same sample with its variance measured by something else than redraws."""
        return replace(self, variance=words, cited=references)

    def __str__(self) -> str:
        first, redraws = f"{capital(read(self.sentence))}.", read(self.redraws)
        if self.variance is not None:
            said = tr(
                "Variance is measured by {redraws}; nothing is redrawn, and intervals are t intervals.", redraws=redraws
            )
            return f"{first}\n{said}"
        if self.units is not None:
            return f"{first}\n{tr('A replicate comes from {redraws}, so variances are the unbiased ones.', redraws=redraws)}"
        smallest = min(size for _, size in self.sizes)
        if self.bayesian:
            said = tr(
                "A replicate comes from {redraws}, so variances are (n - 1)/(n + 1) times the unbiased ones (at least "
                "{least:.3f}).",
                redraws=redraws,
                least=(smallest - 1) / (smallest + 1),
            )
            return f"{first}\n{said}"
        if self.counts:
            first += " " + tr("Column '{column}' holds frequencies, not sampling weights.", column=self.counts)
        said = tr(
            "A replicate comes from {redraws}, so variances are {factor} times the unbiased ones (at least {least:.3f}).",
            redraws=redraws,
            factor=tr("(n_h - 1)/n_h in a stratum of n_h") if self.strata else "(n - 1)/n",
            least=(smallest - 1) / smallest,
        )
        unit = (
            tr("Identical participants are drawn together, as counts of {kinds:,} kinds.", kinds=self.kinds)
            if self.kinds is not None
            else tr("Participants are drawn one by one.")
        )
        return f"{first}\n{said} {unit}"


def frequencies(frame: pd.DataFrame, counts: str | None) -> Multiplicity:
    """Return how many participants each row stands for."""
    if counts is None:
        return np.ones(len(frame), dtype=np.uint64)
    values = columns.numbers(columns.column(frame, counts), what="a count of participants")
    for wrong, what in (
        (np.isnan(values), "missing"),
        (values < 0, "negative"),
        (values != np.floor(values), "fractional"),
        (values > MOST_COUNTED, f"above {MOST_COUNTED:,}"),
    ):
        if wrong.any():
            raise InputError(
                f"Column {counts!r} is {what} in {name_rows(wrong)}; counts are whole numbers of participants. "
                "If these are sampling weights, they are not frequencies: expand or leave them out."
            )
    if values.sum() == 0:
        raise InputError(f"Column {counts!r} is zero in every row: there are no participants.")
    if values.sum() > MOST_COUNTED:
        raise InputError(
            f"Column {counts!r} adds up to more than {MOST_COUNTED:,} participants, which can't be counted."
        )
    return values.astype(np.uint64)


def strata(frame: pd.DataFrame, by: tuple[str, ...]) -> tuple[Codes, list[str]]:
    """Return each row's stratum, numbered from 0, and the strata's names."""
    if not by:
        return np.zeros(len(frame), dtype=np.int64), ["all"]
    lacking = (
        "defines the strata but is missing in {rows}. Everyone was sampled in some stratum: fill these in, or make 'unknown' "
        "a stratum of its own."
    )
    stratum, labels = columns.used(*grouping.cross(grouping.read(frame, by, lacking), by))
    return stratum.astype(np.int64), grouping.texts(labels)


def check_sizes(by: tuple[str, ...], names: list[str], sizes: Floats) -> None:
    """Refuse strata that can't be redrawn."""
    small = [name for name, size in zip(names, sizes, strict=True) if size < 2]
    if not small:
        return
    if not by:
        raise InputError("The survey has one participant; redrawing needs at least 2.")
    listed = ", ".join(f"'{name}'" for name in small[:6])
    raise InputError(
        f"{len(small)} of {len(names)} strata by {' and '.join(by)} hold fewer than 2 participants: {listed}. Such a "
        "stratum has no variation to redraw: join it to a similar one."
    )
