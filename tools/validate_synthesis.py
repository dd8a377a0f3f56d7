"""How often intervals of a consensus hold the truth, by simulation, and how wide they are.

Writes docs/validation_synthesis.md. `.venv/bin/python tools/validate_synthesis.py` takes about five minutes on two cores;
`--cases 20` is a quick look (and writes nothing).
"""

from __future__ import annotations

import argparse
import math
import multiprocessing
import platform
import warnings
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import hiddenpop as hp
import numpy as np

PAGE = Path(__file__).parents[1] / "docs" / "validation_synthesis.md"
CASES = 400
REPLICATES = 1_000
SIZE = 10_000
#: Standard errors of independent sources on the log scale, in turn.
ERRORS = (0.1, 0.2, 0.3)
PRIOR = 0.5
#: Shares of 300 interviews: in clinic and outreach, clinic only, outreach only, neither; a third register sees 25% of all.
OVERLAP = (0.18, 0.12, 0.22, 0.48)
THIRD = 0.25
SITES, KINDS = 5, 3

Options = dict[str, object]
ONE_SURVEY: dict[str, Options] = {
    "minimum_variance": {"method": "minimum_variance"},
    "minimum_variance, unbounded": {"method": "minimum_variance", "bounded": False},
    "minimum_variance, natural scale": {"method": "minimum_variance", "scale": "identity"},
    "log_pool": {"method": "log_pool"},
    "linear_pool": {"method": "linear_pool"},
}
SEVERAL: dict[str, Options] = {
    "fixed": {"method": "fixed"},
    "reml": {"method": "reml"},
    "reml, modified": {"method": "reml", "adjust": "modified"},
    "reml, normal": {"method": "reml", "adjust": "none"},
    "dersimonian_laird": {"method": "dersimonian_laird"},
    "bayesian": {"method": "bayesian", "prior": PRIOR},
    "log_pool": {"method": "log_pool"},
    "linear_pool": {"method": "linear_pool"},
}


@dataclass(frozen=True)
class World:
    """How sources come about: registers of one survey, or independent sources with biases."""

    title: str
    registers: int = 0
    sources: int = 0
    #: Standard deviation of biases on the log scale.
    bias: float = 0.0
    sites: bool = False

    @property
    def ways(self) -> dict[str, Options]:
        """What is compared."""
        if self.sites:
            return {"bayesian": {"method": "bayesian", "prior": PRIOR}}
        if self.registers:
            return ONE_SURVEY
        few = self.sources <= 4
        return {
            name: way for name, way in SEVERAL.items() if not (few and way["method"] in ("reml", "dersimonian_laird"))
        }

    def draw(self, rng: np.random.Generator, case: int) -> tuple[dict[object, object], np.ndarray]:
        """Return sources, and the truth of each label."""
        if self.registers:
            return _registers(rng, self.registers, case), np.array([SIZE])
        z = 1.959963984540054
        if self.sites:
            truth = SIZE * np.exp(rng.normal(size=SITES))
            biases = rng.normal(size=KINDS) * self.bias
            sites: dict[object, object] = {}
            for site in range(SITES):
                # Two of the three methods in each site.
                kinds = rng.permutation(KINDS)[:2]
                sites[site] = {
                    f"method {kind}": _source(
                        rng,
                        float(truth[site] * np.exp(biases[kind] + rng.normal() * self.bias / 2)),
                        ERRORS[kind],
                        z,
                        f"{case} {site} {kind}",
                    )
                    for kind in kinds
                }
            return sites, truth
        return {
            f"source {i}": _source(rng, SIZE * math.exp(rng.normal() * self.bias), ERRORS[i % 3], z, f"{case} {i}")
            for i in range(self.sources)
        }, np.array([SIZE])


def _source(rng: np.random.Generator, centre: float, error: float, z: float, name: str) -> hp.Estimate:
    found = centre * math.exp(rng.normal() * error)
    return hp.lognormal(found, found * math.exp(-z * error), found * math.exp(z * error), name=name)


def _registers(rng: np.random.Generator, registers: int, case: int) -> dict[object, object]:
    interviews = 300
    cell = rng.choice(4, size=interviews, p=OVERLAP)
    table = {
        "clinic": np.isin(cell, (0, 1)),
        "outreach": np.isin(cell, (0, 2)),
        "third": rng.random(interviews) < THIRD,
    }
    survey = hp.Survey({name: column.astype(int) for name, column in table.items()}, seed=case)
    seen = {"clinic": 0.3, "outreach": 0.4, "third": THIRD}
    return {
        name: hp.multiplier(SIZE * share, survey.proportion(name), name=name)
        for name, share in list(seen.items())[:registers]
    }


WORLDS = (
    World("two overlapping registers, 300 interviews", registers=2),
    World("three registers, 300 interviews", registers=3),
    *(
        World(
            f"{k} independent sources, " + ("no bias" if bias == 0 else f"biases of s.d. {bias:g}"),
            sources=k,
            bias=bias,
        )
        for k in (2, 3, 6, 10)
        for bias in (0.0, 0.3)
    ),
    World(
        f"{SITES} sites, two of {KINDS} methods each, biases of s.d. 0.3 and departures of 0.15", bias=0.3, sites=True
    ),
)


def run(world: World, first: int, last: int) -> dict[str, tuple[float, float, int]]:
    """Return for each way how often it covers, the sum of log widths, and how many intervals there are."""
    hp.settings(threads=1, replicates=REPLICATES)
    found = dict.fromkeys(world.ways, (0.0, 0.0, 0))
    for case in range(first, last):
        sources, truth = world.draw(np.random.default_rng([2024, case]), case)
        for name, options in world.ways.items():
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", hp.HiddenpopWarning)
                ends = hp.triangulate(sources, **options).estimate.interval().to_numpy()  # type: ignore[arg-type]
            inside = (ends[:, 0] <= truth) & (truth <= ends[:, 1])
            hits, widths, count = found[name]
            found[name] = (hits + inside.sum(), widths + np.log(ends[:, 1] / ends[:, 0]).sum(), count + len(truth))
    return found


def tables(cases: int) -> str:
    """Simulate all worlds and return their tables."""
    context = multiprocessing.get_context("spawn")
    parts = []
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        halves = ((0, cases // 2), (cases // 2, cases))
        jobs = [[pool.submit(run, world, *half) for half in halves] for world in WORLDS]
        for world, pair in zip(WORLDS, jobs, strict=True):
            lines = [
                f"## {world.title[0].upper()}{world.title[1:]}",
                "",
                "| method | covers | upper / lower |",
                "|---|---|---|",
            ]
            results = [job.result() for job in pair]
            for name in world.ways:
                hits, widths, count = (sum(result[name][i] for result in results) for i in range(3))
                lines.append(f"| {name} | {100 * hits / count:.1f}% | {math.exp(widths / count):.2f} |")
            parts.append("\n".join(lines))
    return "\n\n".join(parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cases", type=int, default=CASES)
    cases = parser.parse_args().cases
    found = tables(cases)
    if cases < CASES:
        print(found)
        return
    error = 100 * math.sqrt(0.95 * 0.05 / cases)
    head = f"""# How often intervals of a consensus hold the truth

Made by `python tools/validate_synthesis.py` on {date.today():%Y-%m-%d} with hiddenpop {hp.__version__}, Python
{platform.python_version()}, NumPy {np.__version__}: {cases} simulated cases of each world (a coverage of 95% is known to
{error:.1f} points), {REPLICATES:,} draws each. Independent sources have standard errors of {", ".join(map(str, ERRORS))} on the log scale in
turn; the Bayesian method has its half-normal prior of scale {PRIOR}. "upper / lower" is the geometric mean of the ratio of the
interval's ends.

{SUMMARY}
"""
    PAGE.write_text(f"{head}\n{found}\n", encoding="utf-8")
    print(f"Wrote docs/{PAGE.name}.")


#: Written by hand after reading the tables.
SUMMARY = """- Weights that are found from each sample and then held cost nothing visible: several multipliers from one survey cover 94 to 95%.
- **Sources with biases of their own (s.d. 0.3: most within a factor of 1.3 of the truth) make `fixed` wrong half of the time**, and
  more sources don't help. The logarithmic pool fails likewise with two or three sources.
- `bayesian` covers 93% and more everywhere. With two or three sources its interval is wide because the prior lets it be; with six
  and more it is as wide as REML's.
- REML and DerSimonian-Laird with Hartung and Knapp's interval cover 92 to 95%; they are short of it where sources of unequal
  precision have no bias (six sources). `adjust="modified"` mends that; `adjust="none"` covers 89 to 91% of biased worlds.
- The linear pool keeps what each source believes, so more sources never make it narrower."""


if __name__ == "__main__":
    main()
