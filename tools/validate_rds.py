"""How often intervals of respondent-driven samples hold the truth, by simulation, how wide they are, and how far estimates are off.

Writes docs/validation_rds.md. `.venv/bin/python tools/validate_rds.py` takes about eight minutes on one core and changes one
thing at a time; `--full` crosses all of them (96 worlds, half an hour) and writes the page's second part. With `--keep FILE` a world
that is done is kept there, and is not done again by the next call; `--kept` simulates nothing and writes the worlds that are done, saying
how many. `--cases 20` is a quick look and writes no page.
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
import platform
import warnings
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import hiddenpop as hp
import numpy as np
import pandas as pd

PAGE = Path(__file__).parents[1] / "docs" / "validation_rds.md"
CASES = 100
REPLICATES = 500
PEOPLE = 1_000
PREVALENCE = 0.2
FRACTIONS = (0.05, 0.2, 0.4, 0.7)
HOMOPHILY = (1, 2, 5)
ACTIVITY = (1, 1.8)
SEEDS = (2, 10)
#: Those that follow who recruits whom by a column need its name.
SCHEMES = {
    "successive": "hiv",
    "homophily_graph": "hiv",
    "salganik": "hiv",
    "tree": None,
    "seeds": None,
    "neighbourhood": None,
}
#: Intervals by redraws, by the linearised variance, and as if participants were a simple random sample.
WAYS = (*SCHEMES, "linearised t", "as if simple", "graph by graph")
READ = {"id": "id", "recruiter": "recruiter", "degree": "degree", "time": "time"}


@dataclass(frozen=True)
class World:
    """A network, and how people are recruited in it."""

    fraction: float
    homophily: float
    activity: float = 1.8
    seeds: int = 10
    #: Whether all seeds have the attribute.
    biased: bool = False

    @property
    def n(self) -> int:
        """Participants."""
        return round(PEOPLE * self.fraction)

    def sample(self, case: int) -> pd.DataFrame:
        """Draw a network and a sample from it."""
        network = hp.simulate.network(
            PEOPLE,
            {"hiv": PREVALENCE},
            homophily=self.homophily,
            activity=self.activity,
            mean_degree=10,
            spread=0.5,
            seed=case,
        )
        seeds_from = {"hiv": 1} if self.biased else None
        return hp.simulate.rds(network, n=self.n, seeds=self.seeds, coupons=2, seeds_from=seeds_from, seed=case)


def worlds(full: bool) -> list[World]:
    """Return all combinations, or those in which one thing changes at a time."""
    if full:
        return [World(*one) for one in itertools.product(FRACTIONS, HOMOPHILY, ACTIVITY, SEEDS, (False, True))]
    return [
        *(World(f, h) for f in FRACTIONS for h in HOMOPHILY),
        *(World(0.2, h, activity=1) for h in HOMOPHILY),
        *(World(0.2, h, seeds=2) for h in HOMOPHILY),
        *(World(f, h, biased=True) for f in (0.05, 0.2) for h in HOMOPHILY[1:]),
        *(World(0.2, h, seeds=2, biased=True) for h in HOMOPHILY[1:]),
    ]


@dataclass
class Found:
    """What came of one world's cases."""

    gile: list[float]
    graph: list[float]
    inverse: list[float]
    #: By way: both ends, NaN where there was no interval.
    ends: dict[str, list[tuple[float, float]]]


def _ends(share: hp.Estimate, **options: str) -> tuple[float, float]:
    try:
        low, high = share.interval(**options).to_numpy()[0]  # type: ignore[arg-type]
    except hp.EstimationError:
        return math.nan, math.nan
    return float(low), float(high)


def run(world: World, cases: int) -> Found:
    """Simulate a world's cases."""
    found = Found([], [], [], {way: [] for way in WAYS})
    for case in range(cases):
        sample = world.sample(case)
        found.inverse.append(float((sample["hiv"] / sample["degree"]).sum() / (1 / sample["degree"]).sum()))
        for scheme, driving in SCHEMES.items():
            survey = hp.Survey.rds(
                sample,
                **READ,
                homophily_on=driving,
                population=PEOPLE,
                redraws=scheme,
                replicates=REPLICATES,
                seed=case,
            )
            share = survey.proportion("hiv")
            found.ends[scheme].append(_ends(share))
            if scheme == "homophily_graph":
                graph = survey.proportion("hiv", estimator="homophily_graph")
                found.graph.append(float(graph.point))
                found.ends["graph by graph"].append(_ends(graph))
        # The last one's point is all the others'.
        found.ends["linearised t"].append(_ends(share, method="t"))
        found.gile.append(float(share.point))
        half = 1.96 * math.sqrt(share.point * (1 - share.point) / world.n)
        found.ends["as if simple"].append((share.point - half, share.point + half))
    return found


def row(world: World, found: Found) -> str:
    """Return a world's line of the table."""
    spread = float(np.std(found.gile, ddof=1))
    cells = [
        f"{world.fraction:.0%}",
        f"{world.homophily:g}",
        f"{world.activity:g}",
        f"{world.seeds}{', biased' if world.biased else ''}",
        f"{100 * (np.mean(found.gile) - PREVALENCE):+.1f}",
        f"{100 * (np.mean(found.inverse) - PREVALENCE):+.1f}",
        f"{100 * (np.mean(found.graph) - PREVALENCE):+.1f}",
        f"{100 * spread:.1f}",
    ]
    for way in WAYS:
        ends = np.array(found.ends[way])
        covers = np.mean((ends[:, 0] <= PREVALENCE) & (ends[:, 1] >= PREVALENCE))
        own = float(np.std(found.graph, ddof=1)) if way == "graph by graph" else spread
        width = np.nanmean(ends[:, 1] - ends[:, 0]) / (2 * 1.96 * own)
        none = int(np.isnan(ends[:, 0]).sum())
        cells.append(f"{100 * covers:.0f}% ({width:.1f}{f'; {none} without' if none else ''})")
    return "| " + " | ".join(cells) + " |"


#: What the table of 2026-11-27 says.
SUMMARY = """Where seeds are not biased:

* **With ten seeds** intervals by successive redraws cover 88 to 98%, about as wide as needed (0.9 to 1.4 times), whatever the
  homophily, activity and part of the population in the sample. They know how recruitment goes by the outcome.
* **Linearised t** covers 91 to 100% at 0.9 to 2.1 times the width needed, also with two seeds, and needs no column that recruitment goes by.
* **Trees** cover 93 to 100%, and are 1.1 to 5.1 times as wide as needed: widest in samples of most of the population, whose finite size neither
  they nor salganik, seeds and neighbourhood know. **Salganik** covers 87 to 100%.
* **Whole chains** (seeds) cover 84 to 100% with ten seeds, and 44 to 51% with two: there have to be many. The **neighbourhood** bootstrap is too narrow where
  homophily is strong (36 to 100%), and as if simple more so (27 to 100%).
* **Gile's weights** are off by 3 points at most, where homophily is 5; RDS-II by 5 in samples of 70% with an activity of 1.8.

And where they are, chains that are short are beyond all intervals: where ten of 50 participants are seeds with HIV, the estimate is 27 to 47 points too high."""


#: What the crossed table says.
FULL_SUMMARY = """Run by parts (`--keep`, then `--kept`): all worlds of samples of 5, 20 and 40%, and the first six of the 24 of samples of 70%; the other 18
were not run. Worlds that stand in both tables have equal lines.

Where seeds are not biased:

* **Samples of 5% where homophily is 5** (50 people) are too small for any interval. With ten seeds successive redraws cover 82 and 93%, linearised t
  91 and 95%, trees 84 and 97% (activity 1 and 1.8); with two seeds 75 and 76%, 82 and 86%, 76 and 74%. In up to 9 of 100 of these samples
  all participants were alike, and redraws had nothing to vary.
* **Elsewhere, with ten seeds,** successive redraws cover 86 to 97%, linearised t 87 to 100%, trees 94 to 100%, salganik 84 to 100%.
* **Elsewhere, with two seeds,** successive redraws cover 84 to 100%, linearised t 90 to 100%, trees 88 to 100%, salganik 85 to 100%; whole chains 42 to 71%
  anywhere.

And where they are:

* **Two biased seeds** are forgotten in samples of 20% or more if homophily is 1 or 2: successive redraws cover 92 to 98%, linearised t 93 to 100%. Where it is 5, 72 to
  88% and 67 to 87%.
* **Ten biased seeds** are not: estimates are off by up to 10 points with a homophily of 2 in samples of 20%, by 12 to 30 with one of 5, and no interval can be
  relied on."""

#: Where the page's second part stands.
BEGIN, END = "<!-- all combinations: begin -->", "<!-- all combinations: end -->"
NAMES = ("sample", "homophily", "activity", "seeds", "bias, Gile", "bias, RDS-II", "bias, graph", "s.d.", *WAYS)


def rows(chosen: list[World], cases: int, kept: Path | None, *, only: bool = False) -> list[str]:
    """Return the worlds' lines, from the file of those that are done or by simulation; or only those that are done."""
    done: dict[str, str] = {}
    if kept is not None and kept.exists():
        for line in kept.read_text(encoding="utf-8").splitlines():
            stored = json.loads(line)
            done[json.dumps(stored["of"])] = stored["row"]
    for world in chosen:
        of = {**asdict(world), "cases": cases, "replicates": REPLICATES}
        key = json.dumps(of)
        if key in done or only:
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", hp.HiddenpopWarning)
            done[key] = row(world, run(world, cases))
        print(done[key], flush=True)
        if kept is not None:
            with kept.open("a", encoding="utf-8") as file:
                file.write(json.dumps({"of": of, "row": done[key]}) + "\n")
    keys = [json.dumps({**asdict(world), "cases": cases, "replicates": REPLICATES}) for world in chosen]
    return [done[key] for key in keys if key in done]


def table(lines: list[str]) -> str:
    """Return the table with its head."""
    return "\n".join(["| " + " | ".join(NAMES) + " |", "|---" * len(NAMES) + "|", *lines])


def second_part() -> str:
    """Return what the page has of all combinations."""
    old = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    return old[old.index(BEGIN) : old.index(END) + len(END)] if BEGIN in old else f"{BEGIN}\n{END}"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cases", type=int, default=CASES)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--kept", action="store_true")
    chosen = parser.parse_args()
    hp.settings(threads=1)
    lines = rows(worlds(chosen.full), chosen.cases, chosen.keep, only=chosen.kept)
    if chosen.cases < CASES or (chosen.kept and not chosen.full):
        return
    versions = f"hiddenpop {hp.__version__}, Python {platform.python_version()}, NumPy {np.__version__}"
    if chosen.full:
        whole = len(worlds(full=True))
        part = "all" if len(lines) == whole else f"{len(lines)} of the"
        head = f"""## All combinations

Made by `python tools/validate_rds.py --full` on {date.today():%Y-%m-%d} with {versions}: {chosen.cases} cases of each of
{part} {whole} worlds of all fractions, homophilies, activities and seeds, as above."""
        text = "\n\n".join([BEGIN, head, FULL_SUMMARY, table(lines), END])
        old = PAGE.read_text(encoding="utf-8")
        PAGE.write_text(old.replace(second_part(), text) if BEGIN in old else f"{old}\n{text}\n", encoding="utf-8")
        return
    error = 100 * math.sqrt(0.95 * 0.05 / chosen.cases)
    head = f"""# How often intervals of respondent-driven samples hold the truth

Made by `python tools/validate_rds.py` on {date.today():%Y-%m-%d} with hiddenpop {hp.__version__}, Python
{platform.python_version()}, NumPy {np.__version__}: {chosen.cases} simulated cases of each world (a coverage of 95% is known to
{error:.1f} points), {REPLICATES:,} replicates each. Every case has a network of its own: {PEOPLE:,} people, {PREVALENCE:.0%} with HIV, who know
10 others on average (`spread=0.5`), and a sample of it (`hp.simulate.rds`) with 2 coupons for everybody, nobody refusing. "Biased" seeds all
have HIV. The population's size is known, and weights are Gile's; recruitment goes by the outcome, and `homophily_on=` names it.

Bias and standard deviation of estimates are in points of per cent. An interval's cell has how often it holds the truth and, in brackets, its
mean width over the one needed (2 x 1.96 standard deviations of the estimates); cases without an interval count as misses and are told.
"As if simple" takes participants for a simple random sample. "Graph by graph" is the share by the homophily configuration graph with
redraws "homophily_graph", its width over the one that this share needs."""
    PAGE.write_text("\n\n".join([head, SUMMARY, table(lines), second_part()]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
