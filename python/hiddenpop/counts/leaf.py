"""A size from one register as a leaf of expressions."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar, cast

import numpy as np
import numpy.typing as npt

from .. import _core
from ..draws import settings
from ..errors import EstimationError, InputError
from ..expression import evaluate
from ..expression.nodes import SELF, Node, Quantity, Reading, Sizing, Source
from ..expression.one_source import Units
from ..expression.origins import Origin, Redrawn
from ..expression.rests import Rests, on_seen
from ..expression.typed import require
from ..ground.bibliography import BIBLIOGRAPHY
from ..ground.columns import Codes, Floats
from ..ground.language import english, read, tr
from .families import FAMILIES
from .register import RegisterRecord

BOOTSTRAPS = ("semiparametric", "nonparametric", "parametric")
_REDRAWS = {
    "semiparametric": english(
        "redraws of the register (semiparametric bootstrap: the number of people seen from Bin(N, n/N), then people with "
        "their counts, the model fitted again each time)"
    ),
    "nonparametric": english(
        "redraws of the register (nonparametric bootstrap: as many people as were seen, with their counts, the model "
        "fitted again each time; it leaves out the chance in how many are seen)"
    ),
    "parametric": english(
        "redraws of the register (parametric bootstrap: the number of people seen from Bin(N, n/N), then people, then "
        "their counts from the fitted model, the model fitted again each time)"
    ),
}
#: From this share of infinite draws on the upper end of an interval may be infinite.
FEW_UNBOUNDED = 0.005
#: Whose scores a sandwich sums where there are no clusters.
PEOPLE = "people"
_BOOTSTRAP = BIBLIOGRAPHY["Norris and Pollock 1996"]


@dataclass(frozen=True)
class RegisterOrigin(Redrawn):
    """Where the draws of a size come from: a register's people, or counts drawn from one fitted model."""

    record: RegisterRecord
    #: None where people are redrawn with their counts, which is the same for every model.
    model: str | None
    #: Why redraws of people would not say how far off the size is; None where they do.
    undrawn: str | None = field(default=None, compare=False)

    twins: ClassVar[str] = "registers with identical tables"
    door: ClassVar[str] = "hp.CaptureCounts"

    @property
    def fingerprint(self) -> int:
        """The register's people, whichever model draws their counts."""
        return self.record.fingerprint

    @property
    def build(self) -> str | None:
        """The call that made the register."""
        return self.record.build

    @property
    def seed(self) -> int:
        """The register's seed."""
        return self.record.seed

    @property
    def title(self) -> str:
        """How messages call the register."""
        return self.record.title

    @property
    def no_draws(self) -> str | None:
        """Why redraws would say too little."""
        return self.undrawn

    def dependence(self, other: Origin) -> str | None:
        """Warn of counts that are drawn from two models of the same people."""
        if not isinstance(other, RegisterOrigin) or self.fingerprint != other.fingerprint or self.model == other.model:
            return None
        return (
            f"Two estimates of {self.title} are combined of which at least one redraws counts from its own fitted model (the "
            "parametric bootstrap), so they count as independent although the people are the same. Use the semiparametric "
            "bootstrap for both."
        )


@dataclass(frozen=True, eq=False)
class RegisterKernel:
    """The register redrawn, and the model fitted to it again."""

    seed: int
    fingerprint: int
    scheme: str
    model: _core.CountModel
    fit: _core.CountFit
    #: Cell of each person, in the register's order.
    person: npt.NDArray[np.uint32]
    #: Part of the population of each row of covariates.
    parts: npt.NDArray[np.uint32]
    number: int
    #: People seen in each part: no population is smaller than those seen, whoever a redraw sees.
    floor: Floats

    def block(self, start: int, stop: int, threads: int) -> list[Floats]:
        """Sizes of the parts: infinite where they have no bound, NaN where there is no fit."""
        return [no_fewer(self.outcomes(start, stop, threads)[:-1], self.floor)]

    def outcomes(self, start: int, stop: int, threads: int) -> Floats:
        """Return sizes (parts x replicates), and in the last row how each fit ended."""
        redrawn = self.scheme, self.seed, self.fingerprint
        return self.model.replicates(self.fit, self.person, self.parts, self.number, *redrawn, start, stop, threads)


@dataclass(frozen=True, eq=False)
class Refit:
    """A register as the core fits it again; stays where the rows are."""

    model: _core.CountModel
    fit: _core.CountFit
    #: Part of the population of each row of covariates.
    parts: npt.NDArray[np.uint32]
    number: int
    #: People of each row of the register's table, and their cell.
    people: Codes
    cell: Codes

    def redrawn(self, seed: int, fingerprint: int, scheme: str, floor: Floats) -> RegisterKernel:
        """Return the kernel that redraws people one by one."""
        person = np.repeat(self.cell.astype(np.uint32), self.people)
        return RegisterKernel(seed, fingerprint, scheme, self.model, self.fit, person, self.parts, self.number, floor)

    def without_each(self) -> tuple[Floats, Floats, Floats]:
        """Return coefficients and sizes of the parts without one person of each row of the table, and people a row."""
        coefficients, sizes = self.model.without_each(self.fit, self.parts, self.number, settings.threads())
        return coefficients[self.cell], sizes[self.cell], self.people.astype(np.float64)

    @property
    def first_range(self) -> int:
        """A first guess at a tenth of a second: a fit takes about a microsecond a cell."""
        return int(np.clip(1e5 * settings.threads() / self.model.cells, 1, 65_536))


@dataclass(frozen=True, eq=False, repr=False)
class RegisterSize(Source):
    """The size of a population, or of its parts, from the counts of one register."""

    tells: ClassVar[int] = SELF
    public: ClassVar[tuple[str, ...]] = (
        "record",
        "family",
        "formulas",
        "scheme",
        "point",
        "variance",
        "n",
        "args",
        "quantity",
        "missing",
        "robust",
        "undrawn",
    )

    record: RegisterRecord
    family: str
    #: Formulas of the parameters, in the family's order.
    formulas: tuple[str, ...]
    scheme: str
    point: Floats
    #: Analytic covariance (labels x labels).
    variance: Floats
    n: Floats
    #: None once an estimate was saved: rows stay where they were.
    refit: Refit | None
    args: tuple[Node, ...] = ()
    quantity: Quantity = "size"
    missing: Floats | None = None
    #: Whose scores make the coefficients' variance, for sentences; None where it is the model's information.
    robust: str | None = None
    #: Why it has no draws.
    undrawn: str | None = None

    def __post_init__(self) -> None:
        """Refuse a family that is none, which only a file can bring."""
        if self.family not in FAMILIES:
            raise InputError(
                f"A size from a register by {self.family!r}, which is no family of counts here. One-inflated families have other "
                "names since oizt and ztoi changed their meaning in R: fit it anew from hp.CaptureCounts."
            )

    def confirm(self) -> None:
        """Refuse formulas of other parameters, redraws that there are not, and a variance of other labels."""
        size = len(self.point)
        require(self, len(self.formulas) == len(FAMILIES[self.family].parameters), self.scheme in _REDRAWS)
        require(self, self.variance.shape == (size, size), not bool((np.diag(self.variance) < 0).any()))

    @property
    def floor(self) -> Floats:
        """People seen, of each label: no size is smaller."""
        return self.n

    @property
    def replicates(self) -> int:
        """The register's number of replicates."""
        return self.record.replicates

    @property
    def origin(self) -> RegisterOrigin:
        """The register's people, or this model's counts."""
        return RegisterOrigin(self.record, self._key if self.scheme == "parametric" else None, self.undrawn)

    @property
    def _key(self) -> str:
        return f"{self.family} {' '.join(self.formulas)}"

    @property
    def _fingerprint(self) -> int:
        if self.scheme != "parametric":
            return self.record.fingerprint
        hashed = hashlib.blake2b(f"{self.record.fingerprint} {self._key}".encode(), digest_size=16)
        return int.from_bytes(hashed.digest(), "little")

    sized_by: ClassVar[Sizing] = "register"

    def rests_on(self, below: int) -> Rests:
        """Hide sizes of groups of whom few were seen, as those from lists."""
        return on_seen(len(self.point), self.n, below)

    def reseed(self, *, seed: int | None, replicates: int | None) -> RegisterSize:
        """Return the same size under other settings."""
        return replace(self, record=self.record.reseed(seed=seed, replicates=replicates))

    @classmethod
    def reader(cls, together: Sequence[RegisterSize]) -> Reading:
        """Redraw the register and fit again."""
        (leaf,) = together
        return Reading([leaf], leaf.kernel, leaf._live.first_range)

    def require_live(self) -> None:
        """Say why it can't be drawn again."""
        if self.refit is None:
            raise EstimationError(
                f"The size by {self.estimator} was saved without its register, so it can't be drawn again; fit it anew "
                "from hp.CaptureCounts."
            )

    @property
    def kernel(self) -> RegisterKernel:
        """What redraws the register and fits again."""
        return self._live.redrawn(self.record.seed, self._fingerprint, self.scheme, self.floor)

    @property
    def _live(self) -> Refit:
        self.require_live()
        return cast("Refit", self.refit)

    @property
    def caveats(self) -> tuple[str, ...]:
        """What came with the data."""
        return () if self.record.note is None else (self.record.note,)

    @property
    def analytic(self) -> bool:
        """The model's information."""
        return True

    @property
    def remarks(self) -> tuple[str, ...]:
        """What to do where redraws leave a size without an upper end."""
        draws = evaluate.kept_draws(self)
        if draws is None or np.isinf(draws).mean(axis=1).max(initial=0.0) < FEW_UNBOUNDED:
            return ()
        return (
            english(
                "In some redraws of {text} a group has nobody left who was seen again, so that any size fits there, however large. "
                "Join small groups, leave a covariate out or use a family with fewer parameters; the fit's own interval() is analytic "
                "and ends",
                text=self.record.title,
            ),
        )

    @property
    def deletable(self) -> bool:
        """People of the register can be left out in turn."""
        return True

    def covariance(self) -> Floats:
        """Return the analytic covariance (labels x labels)."""
        return self.variance

    def without_each(self) -> tuple[Floats, Units]:
        """Return the sizes without one person of each row of the register, and without one that it never saw.

        Without one of N people the sizes are scaled back to N people, as totals of a survey are: N / (N - 1) times the
        fit to the others. Those never seen leave the fit as it is.
        """
        _, sizes, people = self._live.without_each()
        whole = max(float(self.point.sum()), people.sum())
        left = np.column_stack([sizes.T, self.point])
        counted = np.append(people, whole - people.sum())
        return left * whole / (whole - 1), Units(counted, np.zeros(len(counted), dtype=np.int64))

    @property
    def estimator(self) -> str:
        """What made it, for tables."""
        return FAMILIES[self.family].title

    @property
    def _measured_by(self) -> str:
        if not self.undrawn:
            return read(_REDRAWS[self.scheme])
        if self.robust:
            return tr("its analytic variance")
        return tr(
            "the chance that people seen so seldom were missed (exact Poisson limit), since the size is the number seen"
        )

    def describe(self) -> tuple[list[str], list[str]]:
        """Return sentences and references for a methods section."""
        family = FAMILIES[self.family]
        record = self.record
        covariates = [
            tr("{formula} on {parameter}", formula=formula[1:].strip(), parameter=parameter)
            for parameter, formula in zip(family.parameters, self.formulas, strict=True)
            if formula != "~ 1"
        ]
        called = tr("Register '{name}'", name=record.name) if record.name else tr("The register")
        phrase = read(family.title) if family.method else tr("the {family} model", family=read(family.title))
        if covariates:
            phrase = tr("{model} with covariates ({covariates})", model=phrase, covariates="; ".join(covariates))
        else:
            phrase = tr("{model} without covariates", model=phrase)
        sentences = [
            tr(
                "{register} holds {people:,} people, seen 1 to {most:,} times each. The size of the population was estimated from "
                "these counts by {model}, as {how}.",
                register=called,
                people=record.seen,
                most=record.most,
                model=phrase,
                how=read(family.how),
            ),
            tr("Uncertainty of it comes from {source}.", source=self._measured_by),
        ]
        if self.robust:
            sentences.append(
                tr("The coefficients' variance in it is a sandwich estimate, by {unit}.", unit=self.robust)
            )
        measured = [] if self.undrawn else [_BOOTSTRAP]
        if self.undrawn and not self.robust:
            measured.append(BIBLIOGRAPHY["Garwood 1936"])
        if self.robust:
            measured.append(BIBLIOGRAPHY["White 1982" if self.robust == PEOPLE else "Liang and Zeger 1986"])
        return sentences, [*family.references, *measured]


def no_fewer(sizes: Floats, floor: Floats) -> Floats:
    """Return draws of the sizes of parts (parts x replicates) of which none is below the people seen there.

    A redraw may see fewer people than the register did, and a small part is then drawn below those known to be in it. Such a
    part is set to the number seen, and what it gains is taken from the unseen of the others, in proportion, so that parts
    still add up to the whole: raising each by itself would raise their sum.
    """
    low = (sizes < floor[:, None]).any(axis=0)
    if not low.any():
        return sizes
    made = sizes.copy()
    unseen = np.maximum(made[:, low] - floor[:, None], 0.0)
    whole = np.maximum(made[:, low].sum(axis=0) - floor.sum(), 0.0)
    with np.errstate(invalid="ignore"):
        share = np.where(np.isfinite(whole) & (unseen.sum(axis=0) > 0), whole / unseen.sum(axis=0), 1.0)
    made[:, low] = floor[:, None] + unseen * share
    return made


def outcomes(node: Node) -> Codes:
    """Return how the fit of each replicate of a size ended."""
    assert isinstance(node, RegisterSize)
    return np.asarray(node.kernel.outcomes(0, node.replicates, settings.threads())[-1], dtype=np.int64)
