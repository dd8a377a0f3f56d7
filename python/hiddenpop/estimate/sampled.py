"""An estimate whose draws are a sampler's: how its chains fared."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, cast

import numpy as np
import pandas as pd

from ..errors import InputError, listing
from ..ground.columns import Floats
from ..ground.signatures import checked
from ..sources.posterior import Chains, Posterior
from ..sources.sampler import diagnose
from .estimate import Estimate


@checked
@dataclass(frozen=True, eq=False, repr=False)
class Sampled(Estimate):
    """An `Estimate` that also knows how its sampler fared; each method with chains has its own kind.

    Attributes
    ----------
    diagnostics : DataFrame
        For each label mean, sd, Monte Carlo error of the mean, R-hat and effective sample sizes.
    """

    @property
    def diagnostics(self) -> pd.DataFrame:
        """Mean, sd, Monte Carlo error, R-hat, effective sample sizes, and sweeps between draws."""
        rows = [diagnose(law) | {"thin": thin} for law, thin in zip(self._laws, self._thins, strict=True)]
        return pd.DataFrame(rows, index=self.labels)

    def summary(self, level: float = 0.95, method: str | None = None, *, simultaneous: bool = False) -> pd.DataFrame:
        """Return the tidy table of `Estimate.summary` with the Monte Carlo error of the estimate (`mcse`)."""
        frame = super().summary(level, method, simultaneous=simultaneous)
        frame.insert(4, "mcse", [law.mcse for law in self._laws])
        return frame

    def to_arviz(self, label: Any = None) -> Any:
        """Return the chains of one label as ArviZ holds them: size, and what else was followed; needs arviz.

        Parameters
        ----------
        label : optional
            Which label, if there are several.

        Examples
        --------
        >>> import hiddenpop as hp
        >>> cells = hp.datasets.load("rome_hiv")["overlaps"]
        >>> lists = hp.Lists(cells, ["c1", "c2", "c3", "c4"], counts="people")
        >>> size = hp.latent_class(lists)  # doctest: +SKIP
        >>> size.to_arviz().posterior.sizes  # doctest: +SKIP
        """
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", FutureWarning)  # its own announcement of version 1
                import arviz  # noqa: PLC0415 (an optional dependency)
        except ImportError as error:
            raise InputError("to_arviz needs ArviZ: pip install 'hiddenpop[arviz]'.") from error
        law = self._law(label)
        followed: dict[str, Floats] = {"size": law.values, **law.followed()}
        return arviz.from_dict({"posterior": followed}) if _new(arviz) else arviz.from_dict(followed)

    def plot_trace(self, label: Any = None) -> Any:
        """Draw each chain's course and distribution with ArviZ (`plot_trace`); what it returns is ArviZ's."""
        data = self.to_arviz(label)
        import arviz  # noqa: PLC0415 (an optional dependency)

        draw: Any = getattr(arviz, "plot_trace_dist" if _new(arviz) else "plot_trace")
        return draw(data)

    def _found_whole(self) -> None:
        super()._found_whole()
        _ = self.diagnostics, self._state()

    @property
    def _laws(self) -> tuple[Chains, ...]:
        return cast("Posterior", self.node).laws

    @property
    def _thins(self) -> Sequence[int]:
        """Sweeps between draws, for each label: the last of what was found."""
        return cast("Sequence[int]", cast("Posterior", self.node).found[-1])

    def _law(self, label: Any) -> Chains:
        if label is None:
            if not self.scalar:
                raise InputError(f"Say which label: {listing(list(self.labels))}.")
            return self._laws[0]
        if label not in self.labels:
            raise InputError(f"There is no label {label!r}. There are {listing(list(self.labels))}.")
        return self._laws[int(np.flatnonzero(self.labels == label)[0])]

    def __repr__(self) -> str:
        return f"{super().__repr__()}\n{self._state()}"

    def _repr_html_(self) -> str:
        return f"{super()._repr_html_()}<small>{escape(self._state())}</small>"

    def _state(self) -> str:
        frame = self.diagnostics
        return (
            f"Sampler: {self._laws[0].chains} chains, Monte Carlo error up to {frame['mcse'].max():,.3g}, R-hat up to "
            f"{frame['r_hat'].max():.3f}, effective draws {frame['ess_bulk'].min():,.0f} or more."
        )


def _new(arviz: Any) -> bool:
    """Tell ArviZ 1 and later, whose functions were renamed."""
    return int(arviz.__version__.split(".")[0]) >= 1
