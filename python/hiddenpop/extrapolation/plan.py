"""What an extrapolation is made from, so that it can be made again without one of its areas."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..answers.asked import whose
from ..draws import streams
from ..errors import InputError, in_words
from ..estimate.estimate import Estimate
from ..expression.operations import Take
from ..ground import collinear
from ..ground.columns import Floats
from ..sources import noise
from ..sources.noise import Noise
from ..uncertainty.on_scale import error_covariance
from .models import IndicatorModel, ProportionModel

#: Contrasts between anchors that must be left to tell how much areas differ.
FEWEST_DF = 2


@dataclass(frozen=True, eq=False, repr=False)
class Plan:
    """The method, what it needs of every area, and the estimates to start from."""

    method: str
    areas: pd.Index[Any]
    population: Floats
    #: The design with its constant, or the indicator or groups that sizes are in proportion to (areas x columns).
    columns: Floats
    terms: tuple[str, ...]
    #: Positions of the areas with an estimate, and their sizes (by area, then group).
    anchors: tuple[int, ...]
    sizes: Estimate
    variance: str
    fixed: float | None

    @property
    def proportional(self) -> bool:
        """Whether sizes are in proportion to a column, and not regressed on it."""
        return self.method in ("ratio", "synthetic")

    @property
    def groups(self) -> int:
        """Labels of the sizes for each area."""
        return self.columns.shape[1] if self.proportional else 1

    @property
    def unknowns(self) -> int:
        """Coefficients that the anchors must fix."""
        return 1 if self.proportional else self.columns.shape[1]

    def require(self, anchors: int) -> None:
        """Refuse too few areas with an estimate."""
        needed = self.unknowns + (FEWEST_DF if self.fixed is None else 0)
        if anchors < needed:
            raise InputError(
                f"{anchors} areas with an estimate are too few for {self.unknowns} unknown{'s' * (self.unknowns > 1)}: "
                f"method={self.method!r} needs {needed}. Use fewer indicators, or one component of them "
                "(method='mim_pca')"
                + ("." if self.fixed is not None else ", or say how much areas differ: between=0.3.")
            )

    def predict(self, anchors: Sequence[int], targets: Sequence[int]) -> Estimate:
        """Return sizes of some areas (by position) from those of others (by position among the anchors)."""
        self.require(len(anchors))
        places = [self.anchors[i] for i in anchors]
        taken = [i * self.groups + g for i in anchors for g in range(self.groups)]
        node = (
            self.sizes.node if len(taken) == len(self.sizes) else Take((self.sizes.node,), tuple(int(i) for i in taken))
        )
        labels = self.areas[list(targets)]
        used = sorted({*places, *targets})
        sums: Floats = np.kron(np.eye(len(places)), np.ones((1, self.groups))).astype(float)
        covariance = error_covariance(node, list(self.areas[places]), sums=sums)
        args = (node, self._errors(used))
        # The first row of the errors is the variance's.
        rows: dict[str, Any] = {
            "anchor_rows": tuple(1 + used.index(place) for place in places),
            "target_rows": tuple(1 + used.index(place) for place in targets),
        }
        model: IndicatorModel | ProportionModel
        if self.proportional:
            model = ProportionModel(
                args,
                self.method,
                self.terms,
                base=self.columns[places],
                target_base=self.columns[list(targets)],
                covariance=covariance,
                fixed=self.fixed,
                **rows,
            )
        else:
            design = self.columns[places]
            # Indicators are standardised over all areas: one that hardly varies among these is constant.
            if collinear.dependent(design, scale=np.sqrt(len(design))):
                raise InputError(
                    f"Among the areas with an estimate the indicators {', '.join(self.terms[1:])} determine one another, or one "
                    "is constant, so their effects can't be told apart. Drop one, or use method='mim_pca'."
                )
            model = IndicatorModel(
                args,
                self.method,
                self.terms,
                design=design,
                target_design=self.columns[list(targets)],
                population=self.population[places],
                target_population=self.population[list(targets)],
                covariance=np.diag(np.diag(covariance)) if self.method == "fay_herriot" else covariance,
                variance=self.variance,
                fixed=self.fixed,
                **rows,
            )
        return Estimate(model, labels, False, "population size")

    def _errors(self, used: Sequence[int]) -> Noise:
        key = streams.digest(
            self.method,
            list(self.areas),
            np.round(self.columns, 6) + 0.0,  # their last digits are the libraries'; a stream must not be
            self.population,
            self.anchors,
            self.variance,
            self.fixed,
            *whose(self.sizes.node),
        )
        names = ("variance", *(f"area {in_words(self.areas[place])}" for place in used))
        return noise.normals(names, f"extrapolation {key}", self.sizes.replicates, "model error")
