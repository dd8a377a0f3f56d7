"""Populations whose people know one another, and what is true of them."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..errors import EstimationError, InputError, suggest
from ..ground import columns
from ..ground.columns import Codes
from ..ground.signatures import checked
from ..ground.stays import Stays

#: Who knows how many people, in a network's table.
DEGREE = "degree"


@checked
@dataclass(frozen=True, eq=False, repr=False)
class Network(Stays):
    """People of whom all is known: what they are, and whom they know.

    Made by `simulate.network` or `simulate.network_from`, and sampled by `simulate.rds`.

    Attributes
    ----------
    people : DataFrame
        One row a person, by id: the attributes, and `degree`, how many others this person knows.
    ties : ndarray of int
        Positions in `people` of the two who know one another (ties x 2).

    See Also
    --------
    network, network_from : make it.
    rds : samples from it.

    Examples
    --------
    >>> import hiddenpop as hp
    >>> network = hp.simulate.network(2_000, {"hiv": 0.2}, homophily=2, mean_degree=10, seed=1)
    >>> network
    A network of 2,000 people and 10,000 ties: hiv.
    >>> network.shares("hiv").tolist()
    [0.8, 0.2]
    """

    unsaved: ClassVar[str] = "A network can't be saved. Save its people and ties, which simulate.network_from reads"

    people: pd.DataFrame
    ties: npt.NDArray[np.uint32]

    def __repr__(self) -> str:
        names = ", ".join(map(str, self._attributes)) or "no attributes"
        return f"A network of {len(self.people):,} people and {len(self.ties):,} ties: {names}."

    @property
    def mean_degree(self) -> float:
        """How many others a person knows on average."""
        return 2 * len(self.ties) / len(self.people)

    def shares(self, attribute: str) -> pd.Series[Any]:
        """Return the share of people that have each label of an attribute: of 0 and 1, the prevalence stands at 1.

        See Also
        --------
        Network.homophily

        Examples
        --------
        >>> import hiddenpop as hp
        >>> network = hp.simulate.network(500, {"hiv": 0.2}, mean_degree=8, seed=1)
        >>> network.shares("hiv").tolist()
        [0.8, 0.2]
        """
        codes, labels = self._labels(attribute)
        return pd.Series(np.bincount(codes, minlength=len(labels)) / len(codes), labels, name=attribute)

    def activity(self, attribute: str) -> pd.Series[Any]:
        """Return the mean degree of those with each label, relative to those with the first.

        Raises
        ------
        EstimationError
            The first label's people know nobody.

        See Also
        --------
        Network.homophily

        Examples
        --------
        >>> import hiddenpop as hp
        >>> network = hp.simulate.network(2_000, {"hiv": 0.2}, activity=1.8, mean_degree=10, seed=1)
        >>> network.activity("hiv").round(1).tolist()
        [1.0, 1.8]
        """
        codes, labels = self._labels(attribute)
        degree = np.bincount(codes, self.degrees, len(labels)) / np.bincount(codes, minlength=len(labels))
        if not degree[0] > 0:
            raise EstimationError(
                f"Nobody with the first label of '{attribute}' knows anybody, so activity is relative to 0."
            )
        return pd.Series(degree / degree[0], labels, name=attribute)

    def homophily(self, attribute: str) -> float:
        """Return how many times rarer ties between labels are than if tie ends met at random; infinite where there are none.

        Raises
        ------
        EstimationError
            Only one label has ties.

        See Also
        --------
        Network.activity

        Examples
        --------
        >>> import hiddenpop as hp
        >>> ties = {"a": [1, 2, 3, 1], "b": [2, 3, 4, 4]}
        >>> network = hp.simulate.network_from({"id": [1, 2, 3, 4], "sex": ["f", "f", "m", "m"]}, ties, id="id")
        >>> network.homophily("sex")  # two of four ties, as expected
        1.0
        """
        codes, labels = self._labels(attribute)
        share = np.bincount(codes, self.degrees, len(labels)) / max(2 * len(self.ties), 1)
        expected = len(self.ties) * (share.sum() - (share**2).sum())
        if expected <= 0 or np.count_nonzero(share) < 2:
            raise EstimationError(
                f"Ties are all among people with one label of '{attribute}', so there is no homophily."
            )
        apart = np.count_nonzero(codes[self.ties[:, 0]] != codes[self.ties[:, 1]])
        return float(expected / apart) if apart else float("inf")

    @cached_property
    def degrees(self) -> npt.NDArray[np.int64]:
        """How many others each person knows, in the order of `people`."""
        return np.bincount(self.ties.ravel(), minlength=len(self.people))

    @cached_property
    def neighbours(self) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint32]]:
        """Where each person's neighbours begin, and the neighbours of one person after another, as positions."""
        start = np.concatenate([[0], np.cumsum(self.degrees)]).astype(np.uint32)
        ends = np.concatenate([self.ties, self.ties[:, ::-1]])
        return start, np.ascontiguousarray(ends[np.argsort(ends[:, 0], kind="stable"), 1])

    @property
    def _attributes(self) -> list[Hashable]:
        return [name for name in self.people.columns if name != DEGREE]

    def _labels(self, attribute: str) -> tuple[Codes, pd.Index[Any]]:
        if attribute not in self._attributes:
            raise InputError(f"The network has no attribute '{attribute}'. {suggest(attribute, self._attributes)}")
        return columns.categories(self.people[attribute])
