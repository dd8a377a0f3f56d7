"""Networks: drawn from what is asked of them, or read from a table of people and one of ties."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from .. import _core
from ..draws import settings
from ..draws.streams import stream
from ..errors import InputError, in_words, name_rows
from ..ground import checks, columns
from ..ground.columns import Bools
from ..ground.signatures import checked
from .population import DEGREE, Network

#: Columns of samples, which no attribute may be called.
TAKEN = ("id", "person", "recruiter", DEGREE, "wave", "time")
#: The column of groups.
GROUP = "group"
MOST_PEOPLE = 10_000_000
MOST_TIES = 200_000_000
#: Kinds of people: each combination of labels is one.
MOST_CELLS = 10_000


@checked
def network(
    people: int,
    attributes: Mapping[str, float | Mapping[Any, float]],
    *,
    mean_degree: float,
    homophily: float | Mapping[str, float] = 1,
    activity: float | Mapping[str, float | Mapping[Any, float]] = 1,
    spread: float = 0,
    groups: Mapping[Any, float] | None = None,
    seed: int | None = None,
) -> Network:
    """Draw a population whose people know one another.

    Parameters
    ----------
    people : int
        How many there are.
    attributes : mapping
        What people are: the prevalence of an attribute that is 0 or 1, as ``{"hiv": 0.2}``, or the share of each label.
        Several are independent of one another.
    mean_degree : float
        How many others a person knows on average.
    homophily : float or mapping
        How many times rarer ties between labels are than by chance: 1 is chance, below it unlike people prefer one another. By
        attribute where there are several.
    activity : float or mapping
        Mean degree of those who have 1, relative to those who have 0; by attribute where there are several, and by label where
        an attribute has its own.
    spread : float
        Standard deviation, relative to its mean, of how many ties a person is given to have among others of the same kind. With
        0 degrees vary as Poisson's do; their variance is mean + (spread mean)².
    groups : mapping, optional
        Shares of groups that nobody knows anybody outside of, in a column "group".
    seed : int, optional
        By default that of `settings`. Equal seeds give equal networks.

    Returns
    -------
    Network

    Raises
    ------
    InputError
        Shares that don't add up to 1, a homophily that labels of these sizes can't have, more ties than there is room for.

    Notes
    -----
    A degree-corrected block model (Karrer and Newman 2011, Physical Review E 83:016107): a share s_a s_b / h of all ties falls
    between labels a and b with shares of tie ends s. Nobody is tied to anybody twice. Some people may know nobody (with
    Poisson's degrees and a mean of 10, one in 20,000): recruitment never reaches them.

    See Also
    --------
    network_from : a network from tables
    rds : samples from it

    Examples
    --------
    >>> import hiddenpop as hp
    >>> network = hp.simulate.network(10_000, {"hiv": 0.2}, homophily=2, activity=1.8, mean_degree=10, seed=4)
    >>> round(network.homophily("hiv"), 1), network.mean_degree
    (2.0, 10.0)
    >>> hp.simulate.network(900, {"sex": {"f": 0.3, "m": 0.7}}, groups={"north": 0.5, "south": 0.5}, mean_degree=8)
    A network of 900 people and 3,600 ties: sex, group.
    """
    count = checks.whole(people, "people", 2, MOST_PEOPLE)
    degree = checks.positive(mean_degree, "mean_degree", example="10")
    ties = round(count * min(degree, count) / 2)  # more than everybody is refused as everybody is
    if not 0 < ties <= min(count * (count - 1) // 2, MOST_TIES):
        raise InputError(f"mean_degree={in_words(mean_degree)} is not possible among {count:,} people.")
    if not 0 <= checks.number(spread, "spread") <= 5:
        raise InputError(
            f"spread={in_words(spread)} must lie between 0 and 5; degrees of real networks have about 0.5 to 1."
        )
    shares = {name: _shares(share, name) for name, share in attributes.items()}
    alike = _by_attribute(homophily, list(shares), "homophily")
    active = _by_attribute(activity, list(shares), "activity")
    traits = [
        (
            _people(share, count, name),
            _activity(active.get(name, 1), list(share), name),
            _homophily(alike.get(name, 1), name),
        )
        for name, share in shares.items()
    ]
    if groups is not None:
        if GROUP in shares:
            raise InputError(f"An attribute is called '{GROUP}', which is the column of groups: give it another name.")
        shares[GROUP] = _shares(groups, "groups")
        # Ties are by people: groups know equally many.
        traits.append((_people(shares[GROUP], count, "groups"), [1.0] * len(groups), float("inf")))
    if np.prod([float(len(share)) for share in shares.values()]) > MOST_CELLS:
        raise InputError(
            f"Labels of all attributes can be combined in more than {MOST_CELLS:,} ways, which is too many."
        )
    _check_names(list(shares))
    number = settings.check_seed(settings.defaults().seed if seed is None else seed)
    codes, ends = _core.simulated_network(count, traits, ties, float(spread), number, stream("simulated network"))
    found = {name: _column(list(share), row) for (name, share), row in zip(shares.items(), codes, strict=True)}
    return _network(pd.DataFrame(found, index=pd.RangeIndex(1, count + 1, name="id")), ends)


@checked
def network_from(people: object, ties: object, *, id: str) -> Network:
    """Read a population from a table of people and a table of ties.

    Parameters
    ----------
    people : DataFrame
        One row a person: an id, and what the person is.
    ties : DataFrame
        One row a tie: its two columns hold the ids of those who know one another, in any order.
    id : str
        Column of `people` that names each.

    Returns
    -------
    Network

    Raises
    ------
    InputError
        Ids that are missing or stand twice, ties of people who are not in `people`, with oneself, or that stand twice.

    See Also
    --------
    network : draw one

    Examples
    --------
    >>> import hiddenpop as hp
    >>> people = {"name": ["a", "b", "c", "d"], "hiv": [1, 1, 0, 0]}
    >>> hp.simulate.network_from(people, {"one": ["a", "b", "c"], "other": ["b", "c", "d"]}, id="name")
    A network of 4 people and 3 ties: hiv.
    """
    table, pairs = columns.read_table(people), columns.read_table(ties)
    named = columns.column(table, id)
    if columns.missing(named).any() or named.duplicated().any():
        raise InputError(
            f"Column '{id}' must name each person once, and does not in {name_rows(np.asarray(named.isna() | named.duplicated()))}."
        )
    if pairs.shape[1] != 2:
        raise InputError(
            f"A table of ties has two columns, the ids of those who know one another; this one has {pairs.shape[1]}."
        )
    index = pd.Index(named, name="id")
    ends = np.stack([index.get_indexer(pd.Index(pairs.iloc[:, end])) for end in (0, 1)], axis=1)
    ordered = pd.DataFrame(np.sort(ends, axis=1))
    faults: tuple[tuple[Bools, str], ...] = (
        (np.asarray((ends < 0).any(axis=1)), "of people who are not in the table of people"),
        (np.asarray(ends[:, 0] == ends[:, 1]), "of people with themselves"),
        (np.asarray(ordered.duplicated()), "that stand there before"),
    )
    for wrong, what in faults:
        if wrong.any():
            raise InputError(f"There are ties {what}, in {name_rows(wrong)}.")
    attributes = table.drop(columns=id).set_index(index)
    _check_names([str(name) for name in attributes.columns])
    return _network(attributes, ends.astype(np.uint32))


def _network(attributes: pd.DataFrame, ends: npt.NDArray[np.uint32]) -> Network:
    return Network(attributes.assign(**{DEGREE: np.bincount(ends.ravel(), minlength=len(attributes))}), ends)


def _column(labels: list[Any], codes: npt.NDArray[np.uint32]) -> Any:
    """Return 0 and 1 as numbers, other labels in the order in which they were given."""
    return (
        codes.astype(np.int64)
        if labels == [0, 1]
        else pd.Categorical.from_codes(codes.astype(np.int64), pd.Index(labels))
    )


def _check_names(names: list[str]) -> None:
    for name in names:
        if name in TAKEN:
            raise InputError(f"An attribute is called '{name}', as a column of samples is: give it another name.")


def _shares(given: float | Mapping[Any, float], name: str) -> dict[Any, float]:
    """Return the share of each label; a number is the prevalence of 1."""
    if not isinstance(given, Mapping):
        prevalence = checks.between(given, f"the prevalence of '{name}'", example="0.2")
        return {0: 1 - prevalence, 1: prevalence}
    for label in given:
        if not isinstance(label, (str, int, float)) or pd.isna(label):
            raise InputError(f"Labels of '{name}' are texts or numbers, not {in_words(label)}.")
    shares = {label: checks.positive(share, f"the share of {in_words(label)}") for label, share in given.items()}
    if len(shares) < 2 or abs(sum(shares.values()) - 1) > 1e-9:
        raise InputError(f"Shares of '{name}' must be of two labels at least and add up to 1.")
    return shares


def _people(shares: dict[Any, float], count: int, name: str) -> list[int]:
    """Return how many people have each label: the whole numbers nearest to shares that add up (largest remainders)."""
    wanted = np.array(list(shares.values())) * count
    found = np.floor(wanted + 1e-9).astype(np.int64)
    found[np.argsort(found - wanted, kind="stable")[: count - found.sum()]] += 1
    if (found == 0).any():
        raise InputError(f"Among {count:,} people nobody has one of the labels of '{name}': its share is too small.")
    return [int(n) for n in found]


def _by_attribute(given: Any, names: list[str], what: str) -> dict[str, Any]:
    """Return a choice by attribute; one number is that of the only attribute."""
    if isinstance(given, Mapping):
        for name in given:
            if name not in names:
                raise InputError(f"{what} names {in_words(name)}, which is not among the attributes.")
        return dict(given)
    if len(names) != 1 and checks.number(given, what) != 1:
        raise InputError(f"{what}={in_words(given)} must say of which attribute: {what}={{'hiv': {in_words(given)}}}.")
    return dict.fromkeys(names, given)


def _homophily(given: float, name: str) -> float:
    return checks.positive(given, f"the homophily of '{name}'", example="2")


def _activity(given: float | Mapping[Any, float], labels: list[Any], name: str) -> list[float]:
    """Return the activity of each label."""
    what = f"the activity of '{name}'"
    if isinstance(given, Mapping):
        if set(given) != set(labels):
            raise InputError(f"{what} must be given for each of its labels.")
        return [checks.positive(given[label], what, example="1.8") for label in labels]
    number = checks.positive(given, what, example="1.8")
    if number != 1 and labels != [0, 1]:
        raise InputError(f"{what} must be given by label, because it is not 0 or 1.")
    return [1.0, number] if labels == [0, 1] else [1.0] * len(labels)
